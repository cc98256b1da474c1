// What both disks promise. Real files live in a directory of their own that the test removes.
#include "storage/disk.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "storage/real_disk.h"
#include "storage/sim_disk.h"

namespace acklab::storage {
namespace {

class Simulated {
 public:
  Disk& disk() { return disk_; }

 private:
  SimDisk disk_{protocol::Random(1)};
};

class Real {
 public:
  Real() {
    std::string path = (std::filesystem::temp_directory_path() / "acklab-disk-XXXXXX").string();
    root_ = ::mkdtemp(path.data());
    disk_ = std::make_unique<RealDisk>(root_ + "/data");
  }
  ~Real() { std::filesystem::remove_all(root_); }

  Disk& disk() { return *disk_; }

 private:
  std::string root_;
  std::unique_ptr<RealDisk> disk_;
};

template <class World>
class ADisk : public ::testing::Test {
 protected:
  Disk& disk() { return world_.disk(); }
  std::unique_ptr<File> open(const std::string& path) { return disk().open(path).value(); }
  std::string all_of(const std::string& path) {
    const std::unique_ptr<File> file = open(path);
    return std::string(file->read(0, file->size()).value().text());
  }

 private:
  World world_;
};

class WorldNames {
 public:
  template <class World>
  static std::string GetName(int) {
    return std::is_same_v<World, Real> ? "Real" : "Simulated";
  }
};

using Worlds = ::testing::Types<Simulated, Real>;
TYPED_TEST_SUITE(ADisk, Worlds, WorldNames);

Slice text(std::string_view characters) { return Slice::copy_of(characters); }

void append(File& file, std::string_view characters) { ASSERT_TRUE(file.append(text(characters)).has_value()); }

TYPED_TEST(ADisk, KeepsWhatWasWritten) {
  append(*this->open("orders-0/a.log"), "one ");
  append(*this->open("orders-0/a.log"), "two");

  EXPECT_EQ(this->all_of("orders-0/a.log"), "one two");
  EXPECT_EQ(this->open("orders-0/a.log")->size(), 7U);
}

TYPED_TEST(ADisk, AppendsManyPiecesAsOneRunOfBytes) {
  Bytes pieces;
  std::string whole;
  for (int i = 0; i < 50; ++i) {
    const std::string piece = "piece " + std::to_string(i) + " ";
    pieces.append(text(piece));
    whole += piece;
  }

  ASSERT_TRUE(this->open("f")->append(pieces).has_value());

  EXPECT_EQ(this->all_of("f"), whole);
}

TYPED_TEST(ADisk, ReadsFewerBytesOnlyAtTheEnd) {
  const auto file = this->open("f");
  append(*file, "0123456789");

  EXPECT_EQ(file->read(0, 4).value().text(), "0123");
  EXPECT_EQ(file->read(8, 4).value().text(), "89");
  EXPECT_EQ(file->read(10, 4).value().text(), "");
  EXPECT_EQ(file->read(99, 4).value().text(), "");
  EXPECT_EQ(file->read(3, 0).value().text(), "");
}

TYPED_TEST(ADisk, ReadsAcrossHoweverManyAppends) {
  const auto file = this->open("f");
  std::string whole;
  for (int i = 0; i < 300; ++i) {
    const std::string part(static_cast<std::size_t>(i * 7 % 1000 + 1), static_cast<char>('a' + i % 26));
    append(*file, part);
    whole += part;
  }

  EXPECT_EQ(file->read(0, whole.size()).value().text(), whole);
  for (std::size_t from = 0; from < whole.size(); from += 977) {
    EXPECT_EQ(file->read(from, 3000).value().text(), whole.substr(from, 3000)) << from;
  }
}

TYPED_TEST(ADisk, TruncationDropsTheEndAndAppendsGoOnThere) {
  const auto file = this->open("f");
  append(*file, "0123456789");

  ASSERT_TRUE(file->truncate(4).has_value());
  append(*file, "xy");

  EXPECT_EQ(this->all_of("f"), "0123xy");
  ASSERT_TRUE(file->truncate(99).has_value());
  EXPECT_EQ(file->size(), 6U) << "truncation never makes a file longer";
}

TYPED_TEST(ADisk, ASliceOutlivesTruncationRemovalAndItsHandle) {
  auto file = this->open("f");
  append(*file, "0123456789");
  const Slice slice = file->read(2, 6).value();

  ASSERT_TRUE(file->truncate(3).has_value());
  append(*file, "overwritten?");
  file.reset();
  ASSERT_TRUE(this->disk().remove("f").has_value());

  EXPECT_EQ(slice.text(), "234567");
}

TYPED_TEST(ADisk, OpeningMakesTheFileAndItsDirectories) {
  EXPECT_FALSE(this->disk().exists("a/b/c"));

  this->open("a/b/c");

  EXPECT_TRUE(this->disk().exists("a/b/c"));
  EXPECT_FALSE(this->disk().exists("a/b")) << "a directory is no file";
}

TYPED_TEST(ADisk, ListsTheNamesInADirectoryInOrder) {
  for (const char* path : {"b", "a/x", "a-0/x", "a/y", "a/sub/z", "c.log"}) this->open(path);

  using Names = std::vector<std::string>;
  EXPECT_EQ(this->disk().list(""), (Names{"a", "a-0", "b", "c.log"}));
  EXPECT_EQ(this->disk().list("a"), (Names{"sub", "x", "y"}));
  EXPECT_EQ(this->disk().list("nowhere"), Names{});
}

TYPED_TEST(ADisk, ADirectoryIsGoneWithItsLastFile) {
  this->open("a/b/x");
  this->open("a/y");

  ASSERT_TRUE(this->disk().remove("a/b/x").has_value());
  EXPECT_EQ(this->disk().list("a"), std::vector<std::string>{"y"});
  ASSERT_TRUE(this->disk().remove("a/y").has_value());
  EXPECT_EQ(this->disk().list(""), std::vector<std::string>{});
}

TYPED_TEST(ADisk, RenameReplacesAndOpenHandlesKeepTheirFile) {
  append(*this->open("d/f"), "old");
  const auto handle_of_old = this->open("d/f");
  append(*this->open("d/f.tmp"), "new");

  ASSERT_TRUE(this->disk().rename("d/f.tmp", "d/f").has_value());

  EXPECT_EQ(this->all_of("d/f"), "new");
  EXPECT_FALSE(this->disk().exists("d/f.tmp"));
  EXPECT_EQ(handle_of_old->read(0, 3).value().text(), "old");
}

TYPED_TEST(ADisk, SaysWhichFileIsMissing) {
  const auto removed = this->disk().remove("orders-0/missing");
  const auto renamed = this->disk().rename("orders-0/missing", "other");

  ASSERT_FALSE(removed.has_value());
  EXPECT_EQ(removed.error().fault, DiskFault::not_found);
  EXPECT_NE(removed.error().what.find("orders-0/missing"), std::string::npos) << removed.error().what;
  ASSERT_FALSE(renamed.has_value());
  EXPECT_EQ(renamed.error().fault, DiskFault::not_found);
}

TYPED_TEST(ADisk, FlushesFilesInNewDirectories) {
  const auto file = this->open("new/and/deeper/f");
  append(*file, "x");

  EXPECT_TRUE(file->flush().has_value());
  append(*file, "y");
  EXPECT_TRUE(file->flush().has_value());
}

TEST(RealDisk, KeepsOthersOutOfADirectoryInUse) {
  std::string root = (std::filesystem::temp_directory_path() / "acklab-lock-XXXXXX").string();
  ASSERT_NE(::mkdtemp(root.data()), nullptr);
  {
    RealDisk first(root);
    RealDisk second(root);
    ASSERT_TRUE(first.lock().has_value());

    const auto refused = second.lock();

    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().what, root + " is in use by another process: stop that one, or choose another directory");
  }
  EXPECT_TRUE(RealDisk(root).lock().has_value());
  std::filesystem::remove_all(root);
}

TEST(RealDisk, TellsWhyAFileCannotBeOpened) {
  RealDisk disk("/proc/nowhere");

  const auto file = disk.open("f");

  ASSERT_FALSE(file.has_value());
  EXPECT_FALSE(file.error().what.empty());
}

}  // namespace
}  // namespace acklab::storage
