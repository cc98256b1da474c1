#include "tools/lab/consumer.h"

#include <algorithm>

#include "protocol/messages/fetch.h"
#include "protocol/messages/list_offsets.h"

namespace acklab::lab {

using protocol::ChannelFault;
using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::MetadataResponse;
using protocol::Offset;
using protocol::RequestChannel;
using protocol::Result;

namespace {

constexpr std::int64_t latest = -1;
constexpr std::int64_t earliest = -2;

}  // namespace

Consumer::Consumer(protocol::Runtime& runtime, std::vector<protocol::Address> bootstrap, std::string topic, Options options,
                   Events events, Client::Options client)
    : client_(runtime, std::move(bootstrap), std::move(client)),
      topic_(std::move(topic)),
      options_(options),
      events_(std::move(events)) {
  refresh();
}

void Consumer::refresh() {
  if (std::exchange(refreshing_, true)) return;
  client_.metadata(std::vector{topic_}, [this](const MetadataResponse& response) {
    refreshing_ = false;
    take(response);
  });
}

void Consumer::take(const MetadataResponse& response) {
  if (response.topics.empty() || response.topics.front().error_code != ErrorCode::none) {
    const ErrorCode code = response.topics.empty() ? ErrorCode::unknown_topic_or_partition : response.topics.front().error_code;
    if (!known_ && code == ErrorCode::unknown_topic_or_partition && events_.problem) {
      events_.problem("topic " + topic_ + " does not exist; create it, or name one that does");
    }
    retry_ = client_.runtime().after(client_.options().retry_backoff, [this] { refresh(); });
    return;
  }
  known_ = true;
  topic_id_ = response.topics.front().topic_id;
  for (const MetadataResponse::Partition& one : response.topics.front().partitions) {
    if (options_.partition >= 0 && one.partition_index != options_.partition) continue;
    partitions_[one.partition_index].leader = one.error_code == ErrorCode::none ? one.leader_id : -1;
  }
  if (partitions_.empty() && events_.problem) {
    events_.problem("topic " + topic_ + " has no partition " + std::to_string(options_.partition) + "; it has " +
                    std::to_string(response.topics.front().partitions.size()) + ", counted from 0");
    return;
  }
  std::vector<std::int32_t> idle;
  for (const auto& [index, partition] : partitions_) {
    if (!partition.busy && !partition.done) idle.push_back(index);
  }
  for (const std::int32_t index : idle) advance(index);
}

void Consumer::again(std::int32_t index) {
  Partition& partition = partitions_[index];
  partition.busy = true;
  partition.retry = client_.runtime().after(client_.options().retry_backoff, [this, index] {
    partitions_[index].busy = false;
    refresh();
  });
}

// One step: find where to begin, find where to end, then fetch until there.
void Consumer::advance(std::int32_t index) {
  Partition& partition = partitions_[index];
  if (partition.leader < 0) return again(index);
  partition.busy = true;
  const bool needs_end = options_.stop == Stop::at_end || options_.start == Start::timestamp;
  if (needs_end && !partition.end.known()) {
    return locate(index, latest, [](Partition& of, Offset found) { of.end = found; });
  }
  if (!partition.position.known()) return locate_start(index);
  if (partition.out_of_range) {
    return locate(index, earliest, [this, index](Partition& of, Offset found) {
      of.out_of_range = false;
      if (found > of.position) begin_at(index, found);
    });
  }
  if (options_.stop == Stop::at_end && partition.position >= partition.end) {
    partition.done = true;
    partition.busy = false;
    if (events_.reached_end) events_.reached_end({topic_, index}, partition.end);
    const bool all = std::all_of(partitions_.begin(), partitions_.end(), [](const auto& one) { return one.second.done; });
    if (all && events_.finished) events_.finished();
    return;
  }
  fetch(index);
}

void Consumer::locate_start(std::int32_t index) {
  Partition& partition = partitions_[index];
  const auto begin_there = [](Partition& of, Offset found) { of.position = found; };
  switch (options_.start) {
    case Start::beginning:
      return locate(index, earliest, [this, index](Partition&, Offset found) { begin_at(index, found); });
    case Start::end:
      return locate(index, latest, begin_there);
    case Start::offset:
      partition.position = options_.offset;
      return advance(index);
    case Start::tail:
      if (!partition.first.known()) return locate(index, earliest, [](Partition& of, Offset found) { of.first = found; });
      return locate(index, latest, [this](Partition& of, Offset found) {
        of.position = std::max(of.first, Offset{found.value - options_.tail});
      });
    case Start::timestamp:
      return locate(index, options_.timestamp, [](Partition& of, Offset found) {
        of.position = found.known() ? found : of.end;  // nothing is as new
      });
  }
}

void Consumer::begin_at(std::int32_t index, Offset start) {
  partitions_[index].position = start;
  if (events_.began) events_.began({topic_, index}, start);
}

void Consumer::locate(std::int32_t index, std::int64_t timestamp, std::function<void(Partition&, Offset)> found) {
  RequestChannel* channel = client_.broker(partitions_[index].leader);
  if (!channel) return again(index);
  ListOffsetsRequest request;
  request.replica_id = -1;
  ListOffsetsRequest::Partition wanted;
  wanted.partition_index = index;
  wanted.timestamp = timestamp;
  request.topics.push_back({topic_, {wanted}});
  channel->send<ListOffsetsRequest, ListOffsetsResponse>(
      request, [this, index, found = std::move(found)](Result<ListOffsetsResponse, ChannelFault> response) {
        if (!response || response->topics.empty() || response->topics.front().partitions.empty() ||
            response->topics.front().partitions.front().error_code != ErrorCode::none) {
          return again(index);
        }
        found(partitions_[index], Offset{response->topics.front().partitions.front().offset});
        advance(index);
      });
}

void Consumer::fetch(std::int32_t index) {
  const Partition& partition = partitions_[index];
  RequestChannel* channel = client_.broker(partition.leader);
  if (!channel) return again(index);
  FetchRequest request;
  request.max_wait_ms = options_.max_wait_ms;
  request.min_bytes = 1;
  request.max_bytes = options_.max_bytes;
  FetchRequest::Partition wanted;
  wanted.partition = index;
  wanted.fetch_offset = partition.position.value;
  wanted.partition_max_bytes = options_.max_bytes;
  request.topics.push_back({topic_, topic_id_, {wanted}});
  channel->send<FetchRequest, FetchResponse>(request, [this, index](Result<FetchResponse, ChannelFault> response) {
    if (!response || response->error_code != ErrorCode::none || response->topics.empty() ||
        response->topics.front().partitions.empty()) {
      return again(index);
    }
    const FetchResponse::Partition& answer = response->topics.front().partitions.front();
    if (answer.error_code == ErrorCode::offset_out_of_range) {
      // The log ends before the end that was promised, or begins behind what is to be read: what lay there is gone. Look for both anew.
      partitions_[index].end = {};
      partitions_[index].out_of_range = true;
      return again(index);
    }
    if (answer.error_code != ErrorCode::none) return again(index);
    received(index, answer.records.value_or(protocol::Slice{}));
  });
}

void Consumer::received(std::int32_t index, const protocol::Slice& records) {
  Partition& partition = partitions_[index];
  const auto batches = protocol::split_batches(records);
  if (!batches) {
    if (events_.problem) events_.problem(to_string(protocol::TopicPartition{topic_, index}) + ": " + batches.error().message());
    return again(index);
  }
  for (const protocol::RecordBatch& batch : *batches) {
    // Before its offsets are believed: the checksum covers how many there are.
    const bool intact = batch.crc_matches();
    if (intact && batch.header().next_offset() <= partition.position) continue;
    auto all = protocol::read_records(batch);
    if (!all || !intact) {
      if (events_.problem) {
        events_.problem(to_string(protocol::TopicPartition{topic_, index}) + " offset " +
                        std::to_string(batch.header().base_offset.value) + ": " +
                        (all ? "checksum mismatch" : all.error().message()));
      }
      return again(index);
    }
    // The answer begins with the batch that contains the offset asked for.
    std::erase_if(*all, [&](const protocol::Record& record) { return record.offset < partition.position; });
    partition.position = batch.header().next_offset();
    if (!batch.header().control()) events_.batch({topic_, index}, batch, *all);
  }
  if (batches->empty() && options_.stop == Stop::never && events_.reached_end)
    events_.reached_end({topic_, index}, partition.position);
  // An empty answer below the end: the new leader's high watermark is still behind.
  if (batches->empty() && options_.stop == Stop::at_end && partition.position < partition.end) return again(index);
  advance(index);
}

}  // namespace acklab::lab
