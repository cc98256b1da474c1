// What clients of before Kafka 0.11 read: Fetch 0 to 3 convert record batches down to messages, and ListOffsets 0 lists where segments
// begin. Kafka 4 offers neither any more (KIP-896).
#include <string>
#include <utility>

#include <fmt/format.h>

#include "protocol/records/message_set.h"
#include "tools/conform/fetch_call.h"
#include "tools/conform/list_offsets_call.h"
#include "tools/conform/produce_call.h"
#include "tools/conform/sections.h"

namespace acklab::conform {

using protocol::NewRecord;

namespace {

constexpr Versions with_magic_0{0, 1};
constexpr Versions with_magic_1{2, 3};
constexpr Versions with_hard_limits{0, 2};
constexpr Versions with_segments{0, 0};
constexpr std::int64_t hour = 3600 * 1000;
constexpr std::int32_t less_than_a_message = 20;

// Offsets 0 to 2, in one batch.
Place three_records(Witness& witness) {
  const auto at = [](std::int64_t timestamp) {
    return NewRecord{.timestamp = timestamp, .key = "key", .value = "value", .headers = {}};
  };
  const Place place = witness.place();
  fill(witness, place, {draft({at(1000), at(2000), at(3000)})});
  return place;
}

std::string messages(const Fetched& fetched, const auto& said) {
  std::string all;
  protocol::MessageWalk walk(fetched.records ? fetched.records->view() : std::span<const std::byte>{});
  while (const protocol::MessageView* message = walk.next()) {
    if (!message->crc_matches()) throw Unexpected{"a message with a wrong checksum"};
    all += (all.empty() ? "" : ", ") + said(*message);
  }
  if (!walk.sound()) throw Unexpected{std::string("unreadable messages: ") + walk.fault()};
  return all.empty() ? "no whole message" : all;
}

std::string numbered(const protocol::MessageView& message) {
  return fmt::format("{} of magic {}", message.offset.value, message.magic);
}

std::string read_by(Witness& witness, Versions versions, std::int64_t offset, const auto& said) {
  return messages(accepted("Fetch", fetch(witness, {three_records(witness), offset}, {.versions = versions})), said);
}

std::string segments(Witness& witness, std::int64_t timestamp, std::int32_t most) {
  const Place place = three_records(witness);
  const auto listed = accepted("ListOffsets", list_offsets(witness, place, timestamp, {.versions = with_segments, .most = most}));
  std::string all;
  for (const std::int64_t offset : listed.old_style_offsets) all += fmt::format("{}{}", all.empty() ? "" : ", ", offset);
  return all.empty() ? "none" : all;
}

const Question questions[] = {
    {"old-fetch.magic-0", "To Fetch 0 and 1 records come as messages of magic 0.", "protocol guide, Fetch; KIP-32",
     "0 of magic 0, 1 of magic 0, 2 of magic 0", [](Witness& witness) { return read_by(witness, with_magic_0, 0, numbered); }},
    {"old-fetch.magic-1", "To Fetch 2 and 3 they come as messages of magic 1.", "protocol guide, Fetch; KIP-98",
     "0 of magic 1, 1 of magic 1, 2 of magic 1", [](Witness& witness) { return read_by(witness, with_magic_1, 0, numbered); }},
    {"old-fetch.timestamps", "Messages of magic 1 keep the timestamps.", "KIP-32", "1000, 2000, 3000",
     [](Witness& witness) {
       return read_by(witness, with_magic_1, 0,
                      [](const protocol::MessageView& message) { return std::to_string(message.timestamp); });
     }},
    {"old-fetch.from-the-middle", "What lies before the offset in its batch is left out, if it is not compressed.",
     "protocol guide, Fetch", "1 of magic 1, 2 of magic 1",
     [](Witness& witness) { return read_by(witness, with_magic_1, 1, numbered); }},
    {"old-fetch.hard-limit", "Until version 2 PartitionMaxBytes is a limit, even for the first message.", "KIP-74", "no more",
     [](Witness& witness) {
       const auto fetched = accepted("Fetch", fetch(witness, {three_records(witness), 0},
                                                    {.versions = with_hard_limits, .partition_max_bytes = less_than_a_message}));
       const std::size_t bytes = fetched.records ? fetched.records->size() : 0;
       return std::cmp_less_equal(bytes, less_than_a_message) ? "no more" : fmt::format("{} bytes", bytes);
     }},
    {"old-offsets.latest", "-1 lists the log's end, and then where segments begin, the newest first.",
     "protocol guide, ListOffsets", "3, 0", [](Witness& witness) { return segments(witness, latest, 10); }},
    {"old-offsets.count", "No more offsets are listed than are wanted.", "protocol guide, ListOffsets", "3",
     [](Witness& witness) { return segments(witness, latest, 1); }},
    {"old-offsets.earliest", "-2 lists the log's start.", "protocol guide, ListOffsets", "0",
     [](Witness& witness) { return segments(witness, earliest, 10); }},
    {"old-offsets.time-to-come", "A time lists segments that were last written before it, and the log's end.",
     "protocol guide, ListOffsets", "3, 0",
     [](Witness& witness) { return segments(witness, witness.wall_clock_ms() + hour, 10); }},
    {"old-offsets.time-long-past", "Before the first segment was written there was none.", "protocol guide, ListOffsets", "none",
     [](Witness& witness) { return segments(witness, 0, 10); }},
};

}  // namespace

std::span<const Question> old_reads() { return questions; }

}  // namespace acklab::conform
