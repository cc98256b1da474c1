// A small consumer: reads partitions of one topic from an offset on, in offset order, from whoever leads them. It survives elections
// and restarts by asking again, for as long as its owner lets it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "protocol/records/record_batch.h"
#include "tools/lab/client.h"

namespace acklab::lab {

class Consumer {
 public:
  // tail: so many records before the end, or at the beginning if there are fewer. timestamp: the first record that is as new.
  enum class Start { beginning, end, offset, tail, timestamp };
  enum class Stop { at_end, never };  // at_end: at the end offset that the partition had when its reading began

  struct Options {
    Start start = Start::beginning;
    protocol::Offset offset{0};  // of Start::offset
    std::int64_t tail = 0;       // of Start::tail
    std::int64_t timestamp = 0;  // of Start::timestamp: milliseconds since 1970
    Stop stop = Stop::at_end;
    std::int32_t partition = -1;  // only this one; -1: all
    std::int32_t max_bytes = 1 << 20;
    std::int32_t max_wait_ms = 500;
  };

  struct Events {
    // Every batch, with its records from the starting offset on.
    std::function<void(const protocol::TopicPartition&, const protocol::RecordBatch&, const std::vector<protocol::Record>&)>
        batch;
    // The partition's log begins here: for Start::beginning, and whenever it has let go of what was to be read next.
    std::function<void(const protocol::TopicPartition&, protocol::Offset)> began;
    // A partition was read to its end (Stop::at_end), or to where it begins to wait for more.
    std::function<void(const protocol::TopicPartition&, protocol::Offset end)> reached_end;
    // All partitions reached their end; not called for Stop::never.
    std::function<void()> finished;
    // The topic does not exist, or a batch is damaged: reading goes on by itself where it can. One line for the user.
    std::function<void(const std::string&)> problem;
  };

  Consumer(protocol::Runtime& runtime, std::vector<protocol::Address> bootstrap, std::string topic, Options options,
           Events events, Client::Options client = {});

  int rounds_in_vain() const { return client_.rounds_in_vain(); }

 private:
  struct Partition {
    protocol::Offset position{};  // unknown until ListOffsets answered
    protocol::Offset first{};     // where the log begins; asked for by Start::tail only
    protocol::Offset end{};
    std::int32_t leader = -1;
    bool busy = false;  // a request or a retry is under way
    bool done = false;
    bool out_of_range = false;  // the log may have let go of `position`
    std::unique_ptr<protocol::Timer> retry;
  };

  void refresh();
  void take(const protocol::MetadataResponse& response);
  void advance(std::int32_t index);
  void locate_start(std::int32_t index);
  void begin_at(std::int32_t index, protocol::Offset start);
  // Asks for the offset of a timestamp, or of `earliest` or `latest`, and goes on with `found`.
  void locate(std::int32_t index, std::int64_t timestamp, std::function<void(Partition&, protocol::Offset)> found);
  void fetch(std::int32_t index);
  void received(std::int32_t index, const protocol::Slice& records);
  void again(std::int32_t index);  // after a back-off, with fresh metadata

  Client client_;
  std::string topic_;
  protocol::Uuid topic_id_;  // zero until the metadata is here, or if the broker knows no ids
  Options options_;
  Events events_;
  std::map<std::int32_t, Partition> partitions_;
  bool known_ = false;
  bool refreshing_ = false;
  std::unique_ptr<protocol::Timer> retry_;
};

}  // namespace acklab::lab
