#include "tools/lab/last_reader.h"

#include <utility>

#include "protocol/records/crc32c.h"
#include "tools/lab/workload.h"

namespace acklab::lab {

using protocol::Duration;
using protocol::TopicPartition;

namespace {

// The faults are over: what cannot be read after so many attempts has rotted.
constexpr int max_problems = 20;

}  // namespace

LastReader::LastReader(protocol::Runtime& runtime, std::vector<protocol::Address> bootstrap, std::vector<std::string> topics,
                       LastRead& read, std::atomic<bool>& finished)
    : runtime_(runtime), bootstrap_(std::move(bootstrap)), topics_(std::move(topics)), read_(read), finished_(finished) {
  timer_ = runtime_.after(Duration::zero(), [this] { next_topic(); });
}

void LastReader::next_topic() {
  consumer_.reset();
  if (next_ == topics_.size()) {
    finished_ = true;
    return;
  }
  problems_ = 0;
  Consumer::Options options;
  options.max_wait_ms = 0;
  Consumer::Events events;
  events.batch = [this](const TopicPartition& partition, const protocol::RecordBatch& batch,
                        const std::vector<protocol::Record>& records) { take(partition, batch, records); };
  events.began = [this](const TopicPartition& partition, protocol::Offset begin) { read_.partitions[partition].begin = begin; };
  events.reached_end = [this](const TopicPartition& partition, protocol::Offset) { read_.partitions[partition].complete = true; };
  events.problem = [this](const std::string&) {
    if (++problems_ == max_problems) timer_ = runtime_.after(Duration::zero(), [this] { next_topic(); });
  };
  events.finished = [this] { timer_ = runtime_.after(Duration::zero(), [this] { next_topic(); }); };
  Client::Options client;
  client.client_id = "acklab-checker";
  consumer_ = std::make_unique<Consumer>(runtime_, bootstrap_, topics_[next_++], options, std::move(events), client);
}

void LastReader::take(const TopicPartition& partition, const protocol::RecordBatch& batch,
                      const std::vector<protocol::Record>& records) {
  runtime_.note({.event = protocol::Event::read,
                 .topic = runtime_.topic_number(partition.topic),
                 .partition = partition.partition,
                 .offset = batch.header().base_offset,
                 .count = static_cast<std::int64_t>(records.size())});
  std::vector<LastRead::Seen>& seen = read_.partitions[partition].seen;
  for (const protocol::Record& record : records) {
    std::int64_t number = -1;
    for (const protocol::RecordHeader& header : record.headers) {
      if (header.key == id_header && header.value) number = record_number(header.value->text());
    }
    seen.push_back({record.offset, number, record.value ? protocol::crc32c(record.value->view()) : 0});
  }
}

}  // namespace acklab::lab
