// The way to one broker: a connection, and the Produce requests on it. Takes from the partitions that the broker leads what is ready,
// one batch of each in turn, so that a request is as full as it can be and no partition starves the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "producer/config.h"
#include "producer/partition.h"
#include "producer/producer.h"
#include "producer/retry.h"
#include "protocol/messages/produce.h"
#include "protocol/runtime/request_channel.h"
#include "protocol/runtime/runtime.h"

namespace acklab::producer {

// How an attempt of one batch ended. The batch is named by number: it may have expired meanwhile.
struct BatchAnswer {
  Partition* partition;
  std::uint64_t batch;
  Answer answer;
  protocol::Offset base_offset{};
  protocol::Offset log_start{};  // where the leader's log begins; unknown if it did not say
};

class Sink {
 public:
  struct Owner {
    std::function<void()> changed;                           // the connection became usable
    std::function<void()> disconnected;                      // the connection failed: whoever led here may lead no longer
    std::function<void(std::vector<BatchAnswer>)> answered;  // never called inside a call of the owner's
  };
  // `runtime`, `config`, `sealer` and `metrics` outlive the sink.
  Sink(protocol::Runtime& runtime, const ProducerConfig& config, Sealer& sealer, ProducerMetrics& metrics,
       protocol::BrokerId broker, Owner owner);

  // A partition that this broker leads has a batch to send. Offers come in the order of the partitions' names.
  void offer(Partition& partition, const Leader& leader) { offers_.push_back({&partition, leader}); }
  // Sends what was offered, in as many requests as may be in flight, and forgets the offers. Says when to try again with what is
  // left; `never` if that depends on an answer or on the connection.
  protocol::Time send_offered(const Urgency& urgency, const protocol::Address& address);
  // Closes the connection if it carried nothing for connections.max.idle.ms. Says when it is to be asked again.
  protocol::Time close_if_idle();

  int in_flight() const { return in_flight_; }  // requests
  bool connected() const { return channel_ && channel_->ready(); }
  // Since when it has had something to send that the broker does not let it send; `never` if it may send.
  protocol::Time unready_since() const { return unready_since_; }

 private:
  struct Offer {
    Partition* partition;
    Leader leader;
  };
  struct Drained {
    Partition* partition;
    Batch* batch;
  };
  // What is remembered of a request.
  struct Sent {
    Partition* partition;
    std::uint64_t batch;
    protocol::Uuid topic;  // by which the answer may call it
  };
  using Written = protocol::Result<void, protocol::ChannelFault>;
  using Answered = protocol::Result<protocol::ProduceResponse, protocol::ChannelFault>;

  // Now, if not later than now.
  protocol::Time may_send_at(const protocol::Address& address);
  void connect(const protocol::Address& address);
  void connection_failed();

  // One request's worth of what is ready; empty if nothing is any more.
  std::vector<Drained> drain(const Urgency& urgency);
  void send_request(const std::vector<Drained>& drained);
  void count(const std::vector<Drained>& drained);
  void count_answer(std::int64_t nanoseconds, const protocol::ProduceResponse& response);
  void written(const std::vector<Sent>& sent, const Written& result);
  void answered(const std::vector<Sent>& sent, const Answered& result);

  protocol::Runtime& runtime_;
  const ProducerConfig& config_;
  Sealer& sealer_;
  ProducerMetrics& metrics_;
  protocol::BrokerId broker_;
  Owner owner_;
  protocol::Random random_;
  protocol::Random setup_random_;

  std::unique_ptr<protocol::RequestChannel> channel_;
  int failed_connections_ = 0;  // in a row
  protocol::Time last_used_{};  // something was sent or came
  protocol::Time reconnect_at_ = protocol::Time::min();
  protocol::Time throttled_until_ = protocol::Time::min();
  protocol::Time unready_since_ = never;
  int in_flight_ = 0;  // requests

  std::vector<Offer> offers_;
  const Partition* last_served_ = nullptr;  // the next request begins behind it
};

}  // namespace acklab::producer
