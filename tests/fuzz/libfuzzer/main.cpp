// libFuzzer's entry: one program for all targets. ACKLAB_FUZZ_TARGET names the target, ACKLAB_FUZZ_SEEDS a folder that gets its seeds.
//
//   ACKLAB_FUZZ_TARGET=requests acklab_fuzz FILE      replays what was found
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "tests/fuzz/target.h"

namespace {

const acklab::fuzz::Target* target = nullptr;

void write_seeds(const std::string& folder) {
  int number = 0;
  for (const std::string& seed : target->seeds()) {
    std::ofstream(folder + "/seed-" + std::to_string(number++), std::ios::binary) << seed;
  }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* name = std::getenv("ACKLAB_FUZZ_TARGET");
  target = acklab::fuzz::target_named(name ? name : "");
  if (!target) {
    std::fputs("ACKLAB_FUZZ_TARGET names none of the targets:", stderr);
    for (const auto& one : acklab::fuzz::targets()) std::fprintf(stderr, " %s", std::string(one.name).c_str());
    std::fputs("\n", stderr);
    std::exit(2);
  }
  if (const char* folder = std::getenv("ACKLAB_FUZZ_SEEDS")) write_seeds(folder);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  target->run({reinterpret_cast<const std::byte*>(data), size});
  return 0;
}
