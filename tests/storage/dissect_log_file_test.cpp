// The bytes of FORMAT.md, taken apart.
#include "storage/dissect_log_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/study/hex_dump.h"
#include "tests/protocol/hex.h"

namespace acklab::storage {
namespace {

using protocol::from_hex;
using protocol::Part;
using protocol::Slice;
using testing::HasSubstr;

std::vector<Part> parts_of(const NamedLogFile& file, const Slice& bytes) {
  std::vector<Part> parts;
  dissect_log_file(file, bytes, [&](Part part) { parts.push_back(std::move(part)); });
  return parts;
}
std::vector<Part> parts_of(std::string_view name, const Slice& bytes) { return parts_of(log_file_of_name(name).value(), bytes); }

const char* const snapshot =
    "0001 5132a9a1 00000001 0000000000000007 0000 00000002 0000000000000004 00000000 00000000000003f7 ffffffff ffffffffffffffff";

TEST(DissectLogFile, ItsKindIsTheEndingOfItsName) {
  EXPECT_EQ(log_file_of_name("00000000000000000005.index")->kind, LogFile::index);
  EXPECT_EQ(log_file_of_name("00000000000000000005.timeindex")->kind, LogFile::time_index);
  EXPECT_EQ(log_file_of_name("00000000000000000005.txnindex.deleted")->kind, LogFile::transaction_index);
  EXPECT_EQ(log_file_of_name("00000000000000000005.snapshot")->base, protocol::Offset{5});
  EXPECT_FALSE(log_file_of_name("copy.snapshot")->base.has_value());
  EXPECT_FALSE(log_file_of_name("00000000000000000005.log").has_value());
}

TEST(DissectLogFile, AnIndexSaysWhichOffsetLiesWhere) {
  const auto parts = parts_of("00000000000000000100.index", from_hex("00000003 00000092"));

  EXPECT_EQ(hex_dump(parts),
            "                               entry[0] = offset 103 at 146\n"
            " 0000  00 00 00 03               relativeOffset = 3  (offset 103)\n"
            " 0004  00 00 00 92               position = 146\n");
}

TEST(DissectLogFile, ATimeIndexSaysWhichTimeIsReachedWhere) {
  const auto parts = parts_of("00000000000000000100.timeindex", from_hex("00000000000003fc 00000003"));

  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].value, "timestamp 1020 at offset 103");
}

TEST(DissectLogFile, WithoutANameOffsetsAreRelative) {
  EXPECT_EQ(parts_of({LogFile::index, {}}, from_hex("00000003 00000092"))[0].value, "relative offset 3 at 146");
}

TEST(DissectLogFile, ATransactionIndexSaysWhatWasAborted) {
  const auto parts = parts_of("0.txnindex", from_hex("0000 0000000000000007 0000000000000002 0000000000000009 0000000000000005"));

  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].value, "producer 7, offsets 2 to 9");
  EXPECT_EQ(parts[0].parts.back().name, "lastStableOffset");
  EXPECT_EQ(parts[0].parts.back().value, "5");
}

TEST(DissectLogFile, ASnapshotSaysWhatIsKnownOfProducersAndWhetherItsChecksumIsRight) {
  const auto parts = parts_of("00000000000000000006.snapshot", from_hex(snapshot));

  ASSERT_EQ(parts.size(), 4U);
  EXPECT_EQ(parts[1].note, "matches");
  EXPECT_EQ(parts[3].value, "producer 7, epoch 0, last offset 4");
  EXPECT_FALSE(protocol::first_fault(parts).has_value());

  std::string damaged(from_hex(snapshot).text());
  damaged.back() = '\x7f';
  EXPECT_TRUE(protocol::has_wrong_checksum(parts_of("00000000000000000006.snapshot", Slice::copy_of(damaged))));
}

TEST(DissectLogFile, ASnapshotWithoutTheProducersThatItAnnouncesCannotBeRead) {
  const std::string one(from_hex(snapshot).text());
  constexpr std::size_t last_byte_of_count = 9;
  const auto fault_of = [](const std::string& bytes) {
    return protocol::first_fault(parts_of("00000000000000000006.snapshot", Slice::copy_of(bytes)));
  };
  std::string two = one, none = one, less_than_none = one;
  two[last_byte_of_count] = 2;
  none[last_byte_of_count] = 0;
  less_than_none[6] = '\xff';

  EXPECT_EQ(fault_of(two), (protocol::Fault{56, "entry[1].producerId", "8 bytes wanted, 0 left"}));
  EXPECT_EQ(fault_of(none), (protocol::Fault{10, "behind the last entry", "46 bytes more than were announced"}));
  EXPECT_EQ(fault_of(less_than_none), (protocol::Fault{6, "count", "a count below zero"}));
}

TEST(DissectLogFile, RoomThatKafkaMadeForMoreIsOnePart) {
  const std::string zeros(10'000, '\0');
  const auto parts =
      parts_of("00000000000000000000.index", Slice::copy_of(std::string(from_hex("00000003 00000092").text()) + zeros));

  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[1].value, "10000 bytes of zeros");
  EXPECT_EQ(parts[1].offset, 8U);
  EXPECT_EQ(parts_of("00000000000000000000.timeindex", Slice::copy_of(zeros.substr(0, 12)))[0].value, "timestamp 0 at offset 0");
}

TEST(DissectLogFile, AnEntryThatIsCutSaysWhere) {
  const auto parts = parts_of("00000000000000000000.index", from_hex("00000003 00000092 0000"));

  const auto fault = protocol::first_fault(parts);
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->offset, 8U);
  EXPECT_EQ(fault->path, "entry[1].relativeOffset");
  EXPECT_THAT(fault->reason, HasSubstr("4 bytes wanted, 2 left"));
}

}  // namespace
}  // namespace acklab::storage
