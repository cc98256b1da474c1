// Fetch sessions (KIP-227). A client names its partitions once and from then on only what changes: it adds, moves on, forgets. The
// broker answers only with partitions of which there is something new. What a request means:
//
//   session  epoch
//      0      -1    all partitions, and no session
//      0       0    all partitions, and a session if there is room; the answer names it, or 0
//      N      -1    session N ends; then as 0, -1
//      N       0    session N ends; then as 0, 0
//      N     e > 0  the partitions of session N, after the changes that the request names. Epochs run 1, 2, 3: so a request that comes
//                   twice, or after one that was lost, is noticed, and the client begins anew
//
// A session speaks of topics either by name or, from version 13 on, by id, for all of its life. A name that was found for an id stays: if
// the topic is deleted and made anew, that id is INCONSISTENT in the session, where in a new one it would be UNKNOWN.
//
// Pure: the time is an argument, ids come from a stream of their own. They are drawn, because a client may go on with a session of the
// broker's last life, which must not be somebody else's in this one.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <vector>

#include "protocol/messages/fetch.h"
#include "protocol/runtime/random.h"
#include "protocol/runtime/time.h"
#include "protocol/types.h"

namespace acklab::broker {

class FetchSessions {
 public:
  struct Limits {
    std::size_t sessions = 1000;                          // max.incremental.fetch.session.cache.slots
    std::size_t partitions = 1'000'000;                   // of all sessions together
    protocol::Duration unused = std::chrono::minutes(2);  // after that a session makes room for any other
  };

  using TopicNames = std::map<protocol::Uuid, std::string>;

  // One partition that is to be read, and how.
  struct Asked {
    protocol::TopicPartition name;  // without a topic: its id is not known
    protocol::Uuid topic_id;        // zero: the client speaks of names
    protocol::FetchRequest::Partition how;
  };
  // What a request turned out to mean.
  struct Context {
    enum class Kind { sessionless, full, incremental };

    Kind kind = Kind::sessionless;
    std::int32_t session = 0;
    std::int32_t epoch = 0;                                // of the request, if it is incremental
    bool follower = false;                                 // who asks for a session
    bool by_id = false;                                    // how it speaks of topics
    protocol::ErrorCode code = protocol::ErrorCode::none;  // of the session; then nothing is read
    std::vector<Asked> asked;                              // in the order in which it is to be read
  };

  FetchSessions(Limits limits, protocol::Random random) : limits_(limits), random_(random) {}

  // `names`: of all topics that there are.
  Context begin(const protocol::FetchRequest& request, std::int16_t version, const TopicNames& names, protocol::Time now);

  // Makes the answer of what was read: opens the session of a full request; leaves out of an incremental one what is not new.
  void complete(const Context& context, protocol::FetchResponse& response, protocol::Time now);

  // Beyond the largest number they begin again at 1.
  static constexpr std::int32_t next_epoch(std::int32_t epoch) { return epoch == INT32_MAX ? 1 : epoch + 1; }

  // All that a request is about, without taking it up.
  std::vector<protocol::TopicPartition> meant_by(const protocol::FetchRequest& request, const TopicNames& names) const;

  std::size_t size() const { return sessions_.size(); }
  std::size_t partitions() const { return partitions_; }

 private:
  // As its client calls it: the topic has either an id or a name.
  struct Key {
    protocol::Uuid topic_id;
    std::string topic;
    std::int32_t partition = 0;

    friend auto operator<=>(const Key&, const Key&) = default;
  };
  static Key key_of(const protocol::Uuid& topic_id, const std::string& topic, std::int32_t partition);
  // With what the client was last told.
  struct Cached {
    Asked asked;
    std::int64_t high_watermark = -1;
    std::int64_t log_start_offset = -1;
  };
  using Order = std::list<Cached>;
  struct Session {
    bool follower = false;
    bool by_id = false;
    protocol::Time created{};
    protocol::Time used{};
    std::int32_t epoch = 1;  // that the next request must have
    Order order;             // in which partitions are read: those that gave records last go last
    std::map<Key, Order::iterator> by_key;
  };
  using Sessions = std::map<std::int32_t, Session>;

  void close(std::int32_t id);
  void close(Sessions::iterator session);
  void put(Session& session, Asked asked);
  void forget(Session& session, const Key& key);
  void open(const Context& context, protocol::FetchResponse& response, protocol::Time now);
  bool make_room(bool follower, std::size_t partitions, protocol::Time now);
  static void leave_out_what_is_old(Session& session, protocol::FetchResponse& response);

  Limits limits_;
  protocol::Random random_;
  Sessions sessions_;
  std::size_t partitions_ = 0;
};

}  // namespace acklab::broker
