// Who asks the questions: knows what the cluster offers and who leads what, opens connections, and makes the topics that questions need,
// each with a name of its own; at the end it deletes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/messages/metadata.h"
#include "protocol/runtime/node.h"
#include "protocol/runtime/time.h"
#include "tools/conform/answer.h"
#include "tools/conform/offer.h"
#include "tools/conform/wire.h"

namespace acklab::conform {

inline constexpr std::string_view own_client_id = "acklab-conform";

enum class Leaders { any, one_broker };
enum class IfMissing { leave, create };  // what Metadata does about a topic that it is asked for and that does not exist

struct TopicWish {
  int partitions = 1;
  int replicas = 1;
  Leaders leaders = Leaders::any;
  std::vector<std::pair<std::string, std::string>> set{};  // by Kafka's keys
};

// A partition, and where it is led.
struct Place {
  std::string topic;
  protocol::Uuid topic_id;  // zero if the broker does not tell any
  std::int32_t partition = 0;
  std::int32_t leader = -1;
  std::int32_t leader_epoch = -1;  // -1 if the broker does not tell any
  std::vector<std::int32_t> replicas;
  protocol::Address broker;  // the leader's
};

// No broker answers, or not in a way in which any question could be asked.
struct Unreachable {
  std::string why;
};

class Witness {
 public:
  struct Options {
    protocol::Duration patience = std::chrono::seconds(5);  // how long an answer may take
    std::string run;                                        // what the names of this run's topics have in common
  };
  // Asks the first broker that answers; throws Unreachable.
  Witness(const std::vector<protocol::Address>& bootstrap, Options options);
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;

  // Why not, if topics of this run are left.
  std::optional<std::string> delete_topics();

  // Whether the broker still says what it offers. Some do not live through every question.
  bool broker_answers() const;

  const protocol::Address& bootstrap() const { return bootstrap_; }
  protocol::Duration patience() const { return options_.patience; }
  std::int32_t beyond_patience_ms() const;  // a wait that is noticed, because the answer does not come in time
  std::int64_t wall_clock_ms() const;       // milliseconds since 1970, as timestamps have them
  const Offer& offer() const { return offer_; }
  template <class Request>
  std::int16_t version(Versions wanted = {}) const {
    return offer_.newest(Request::info, wanted);
  }

  protocol::MetadataResponse metadata() const;  // without topics; throws Unexpected
  // All partitions of a new topic, or its only one, or two that one broker leads; throws NotAsked if the topic cannot be had.
  std::vector<Place> topic(const TopicWish& wish = {});
  Place place(std::vector<std::pair<std::string, std::string>> set = {});
  std::vector<Place> pair();
  // A partition that all questions share which leave nothing in it.
  const Place& untouched();
  // A broker that does not lead the partition; throws NotAsked if there is none.
  protocol::Address other_broker(const Place& place) const;
  protocol::Address follower_of(const Place& place) const;  // the same for its replicas
  // Of a topic that does not exist. Should the broker make it all the same, it is deleted with the others.
  std::string new_name();

  // Whether a request may be so large. A broker closes the connection at the size of one that is larger than its
  // socket.request.max.bytes, and else waits for the rest, which it does not get.
  bool takes_requests_of(const protocol::Address& broker, std::int32_t bytes) const;

  // Throws Unexpected.
  Wire connect(const protocol::Address& broker) const;
  // On a connection of its own.
  template <class Response, class Request>
  Answer<Response> ask(const protocol::Address& broker, const Request& request, std::int16_t version,
                       std::string_view client_id = own_client_id) const {
    auto wire = Wire::connect(broker, options_.patience);
    if (!wire) return protocol::failure(std::string(words(wire.error())));
    constexpr std::int32_t correlation_id = 1;
    wire->send(protocol::request_frame(request, version, correlation_id, client_id).flatten().text());
    return receive<Response>(*wire, version, correlation_id);
  }

 private:
  protocol::Address controller() const;
  Answer<protocol::MetadataResponse> metadata_of(const std::string& topic, IfMissing if_missing) const;
  void create(const std::string& name, const TopicWish& wish);
  std::vector<Place> await(const std::string& name, const TopicWish& wish, IfMissing if_missing) const;
  bool leads(const Place& place) const;

  Options options_;
  protocol::Address bootstrap_;
  Offer offer_;
  std::vector<Place> untouched_;    // none or one
  std::vector<std::string> names_;  // all that were given out
};

}  // namespace acklab::conform
