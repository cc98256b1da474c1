"""Runs what stands behind "$ " in the ```console blocks of pages, in order, and compares what is printed with the lines that follow."""

import difflib
import os
import re
import subprocess
import sys

UPDATE = os.environ.get("ACKLAB_UPDATE_GUIDE") == "1"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)

differences = 0
commands = 0


def run(block):
    """The block as its commands print it now."""
    global commands
    text = ""
    for line in block.splitlines():
        if not line.startswith("$ "):
            continue
        done = subprocess.run(["bash", "-o", "pipefail", "-c", line[2:]], capture_output=True, text=True)
        if done.returncode not in (0, 1):
            sys.exit(f"{line}: exit {done.returncode}: {done.stderr}")
        text += line + "\n" + done.stdout + done.stderr
        commands += 1
    return text


for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        page = file.read()
    now = BLOCK.sub(lambda match: "```console\n" + run(match.group(1)) + "```", page)
    if now == page:
        continue
    if UPDATE:
        with open(path, "w", encoding="utf-8") as file:
            file.write(now)
        continue
    differences += 1
    sys.stderr.writelines(difflib.unified_diff(page.splitlines(True), now.splitlines(True), path, "printed now"))
    print("to take it over: ACKLAB_UPDATE_GUIDE=1 tests/interop/guide_test.sh PATH-OF-ACKLAB", file=sys.stderr)

print(f"{commands} commands of {len(sys.argv) - 1} pages")
sys.exit(1 if differences or commands == 0 else 0)
