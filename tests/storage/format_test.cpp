// storage/FORMAT.md, held to its word: each worked example in it is byte for byte what this log leaves on the disk.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "protocol/runtime/random.h"
#include "storage/meta_properties.h"
#include "storage/partition_metadata.h"
#include "storage/root_files.h"
#include "storage/segment_files.h"
#include "storage/sim_disk.h"
#include "tests/paths.h"
#include "tests/storage/batches.h"

namespace acklab::storage {
namespace {

using protocol::Random;

const std::string directory = "orders-0/";

// The examples of the page by the file that they show: "```hex PATH" or "```text PATH", and what follows up to "```". In hex, a line is
// bytes in pairs of digits; a "#" begins a remark.
std::map<std::string, std::string> examples() {
  std::ifstream page(std::string(tests::source_dir) + "/storage/FORMAT.md");
  std::map<std::string, std::string> found;
  std::string path;
  bool hex = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("```")) {
      std::istringstream head(line.substr(3));
      std::string kind;
      path.clear();
      head >> kind >> path;
      hex = kind == "hex";
      if (!path.empty()) found[path];
    } else if (!path.empty() && hex) {
      std::istringstream bytes(line.substr(0, line.find('#')));
      for (std::string pair; bytes >> pair;) found[path] += static_cast<char>(std::stoi(pair, nullptr, 16));
    } else if (!path.empty()) {
      found[path] += line + "\n";
    }
  }
  return found;
}

std::string hex(const std::string& bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    text += fmt::format("{:02x}{}", static_cast<unsigned char>(bytes[i]), i % 16 == 15 ? "\n" : " ");
  }
  return text;
}

// Of two transactions one is aborted.
void live_with_transactions(Disk& disk) {
  Log log = Log::open(disk, "transfers-0", {}).value();
  ASSERT_TRUE(log.append(in_transaction(batch_at({1000}, "a", {.id = 7, .epoch = 0, .sequence = 0})), {1}).has_value());
  ASSERT_TRUE(log.append(in_transaction(batch_at({1001}, "b", {.id = 9, .epoch = 0, .sequence = 0})), {1}).has_value());
  ASSERT_TRUE(log.append(in_transaction(batch_at({1002}, "c", {.id = 7, .epoch = 0, .sequence = 1})), {1}).has_value());
  ASSERT_TRUE(log.append(abort_of({.id = 7, .epoch = 0}, 5, 1003), {1}).has_value());
  ASSERT_TRUE(log.close().has_value());
}

// The life that the page tells: five batches of an idempotent and of a plain producer, in two epochs; then a clean shutdown.
void live(Disk& disk) {
  constexpr protocol::Uuid topic{
      .bytes = {0x47, 0x39, 0x4b, 0x19, 0x24, 0xc1, 0x4a, 0x33, 0x94, 0xa0, 0xa5, 0x67, 0x24, 0x12, 0x93, 0x0d}};
  ASSERT_TRUE(claim_directory(disk, {.cluster_id = "acklab-cluster-0000000", .node_id = 0, .directory_id = to_string(topic)}));
  RootFiles files(disk);
  ASSERT_TRUE(write_topic_id(disk, "orders-0", topic).has_value());
  Log log = Log::open(disk, "orders-0", {.segment_bytes = 300, .index_interval_bytes = 80}).value();
  ASSERT_TRUE(log.append(batch_at({1000, 1010}, "a", {.id = 7, .epoch = 0, .sequence = 0}), {3}).has_value());
  ASSERT_TRUE(log.append(batch_at({1005}, "b"), {3}).has_value());
  ASSERT_TRUE(log.append(batch_at({1020}, "c"), {3}).has_value());
  ASSERT_TRUE(log.append(batch_at({1015}, "d", {.id = 7, .epoch = 0, .sequence = 2}), {4}).has_value());
  ASSERT_TRUE(log.append(batch_at({1030}, "e"), {4}).has_value());
  ASSERT_TRUE(log.advance_start(Offset{1}).has_value());
  ASSERT_TRUE(log.close().has_value());
  files.remember({"orders", 0}, log, log.end());
  ASSERT_NO_FATAL_FAILURE(live_with_transactions(disk));
  ASSERT_TRUE(files.mark_clean({41}).has_value());
}

TEST(Format, EveryExampleOnThePageIsWhatIsWritten) {
  SimDisk disk{Random(1)};
  live(disk);

  std::map<std::string, std::string> shown = examples();
  std::vector<std::string> paths = disk.list("");
  for (std::string& path : disk.list("orders-0")) paths.push_back(directory + path);
  for (const std::string& name : disk.list("transfers-0")) {
    const std::string path = "transfers-0/" + name;
    if (shown.contains(path)) paths.push_back(path);  // the others show nothing new
  }
  for (const std::string& path : paths) {
    if (path == "orders-0" || path == "transfers-0") continue;
    const std::string written(read_file(disk, path)->text());
    // Of several files of a kind one is enough.
    if (path.ends_with("snapshot") && !shown.contains(path)) continue;
    if (path.starts_with(directory + "00000000000000000005") && !shown.contains(path)) continue;
    EXPECT_EQ(hex(shown[path]), hex(written)) << "```hex " << path << "\n" << hex(written) << "\n" << written;
    shown.erase(path);
  }
  for (const auto& [path, bytes] : shown) ADD_FAILURE() << "the page shows " << path << ", which is not there";
}

}  // namespace
}  // namespace acklab::storage
