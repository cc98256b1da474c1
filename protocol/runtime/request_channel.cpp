#include "protocol/runtime/request_channel.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <utility>
#include <vector>

#include "protocol/check.h"
#include "protocol/messages/api_versions.h"
#include "protocol/wire/big_endian.h"
#include "protocol/wire/framer.h"
#include "protocol/wire/header.h"

namespace acklab::protocol {
namespace {

// The version to ask in, and the one that every broker since 0.10 understands. A broker that does not know the first answers in the
// shape of the second, with UNSUPPORTED_VERSION (KIP-511).
constexpr std::int16_t first_try = 3;
constexpr std::int16_t second_try = 0;

// Correlation ids: one for each try, then the owner's requests. So an id is fixed when its request is handed over, however the
// negotiation goes.
constexpr std::int32_t first_try_correlation = 0;
constexpr std::int32_t second_try_correlation = 1;
constexpr std::int32_t first_request_correlation = 2;

// The error code comes first in every version, and no more is needed: librdkafka's mock cluster refuses in a shape of its own.
bool refuses_version(const Slice& body) {
  return body.size() >= sizeof(std::int16_t) &&
         load_big_endian<std::int16_t>(body.data()) == static_cast<std::int16_t>(ErrorCode::unsupported_version);
}

}  // namespace

std::string_view name(ChannelFault fault) {
  switch (fault) {
    case ChannelFault::refused:
      return "refused";
    case ChannelFault::disconnected:
      return "disconnected";
    case ChannelFault::timed_out:
      return "timed out";
    case ChannelFault::not_written:
      return "not written";
    case ChannelFault::malformed:
      return "malformed";
    case ChannelFault::unsupported:
      return "unsupported";
  }
  return "unknown";
}

class RequestChannel::State : public std::enable_shared_from_this<State> {
 public:
  State(Runtime& runtime, Options options, std::function<void(ChannelFault)> failed)
      : runtime_(runtime), options_(std::move(options)), on_failed_(std::move(failed)), framer_(options_.max_response_bytes) {}

  void connect(const Address& address);
  void submit(const MessageInfo& info, Answered answered, const Encode& encode, Completion completion);
  void on_ready(std::function<void()> ready) { on_ready_ = std::move(ready); }
  // The owner has gone: nothing is called any more.
  void close();
  void abandon() {
    if (phase_ != Phase::failed) fail(ChannelFault::disconnected);
  }

  bool ready() const { return phase_ == Phase::ready; }
  bool failed() const { return phase_ == Phase::failed; }
  std::size_t outstanding() const { return held_.size() + in_flight_.size(); }
  std::size_t unsent() const { return connection_ ? connection_->unsent() : 0; }
  std::uint64_t connection_id() const { return connection_id_; }
  std::int32_t next_correlation() const { return next_correlation_; }
  std::optional<std::int16_t> version_for(std::int16_t api_key, std::int16_t first, std::int16_t last) const;

 private:
  enum class Phase { connecting, negotiating, ready, failed, closed };

  struct Held {
    MessageInfo info;
    std::int32_t correlation;
    Answered answered;
    Encode encode;
    Completion completion;
  };
  struct InFlight {
    std::int16_t api_key;
    std::int16_t version;
    bool flexible;
    std::int32_t correlation;
    Time deadline;
    Completion completion;
  };

  // In the order of a channel's life.
  void opened();
  void ask_for_versions(std::int16_t version, std::int32_t correlation);
  bool learn_versions(const Response& response);
  void become_ready();
  void write(const MessageInfo& info, std::int32_t correlation, Answered answered, const Encode& encode, Completion completion);
  void expect_answer(std::int16_t version, const MessageInfo& info, std::int32_t correlation, Completion completion);
  void received(Slice bytes);
  void take_answer(const Slice& frame);
  void watch_deadlines();
  void deadline_passed();
  void disconnected(CloseReason reason);
  void connect_timed_out() { fail(ChannelFault::timed_out); }
  void fail(ChannelFault fault);

  // Completions never run inside submit(), where the owner may be in the middle of anything.
  void complete_later(Completion completion, Result<Response, ChannelFault> result);
  void complete_now();

  // A callback for the world: it keeps this state alive while it runs, and does nothing once the owner has gone.
  template <class... Arguments>
  std::function<void(Arguments...)> guarded(void (State::*callback)(Arguments...)) {
    return [weak = weak_from_this(), callback](Arguments... arguments) {
      const std::shared_ptr<State> self = weak.lock();
      if (self && self->phase_ != Phase::closed) (self.get()->*callback)(std::move(arguments)...);
    };
  }

  Runtime& runtime_;
  const Options options_;
  std::function<void(ChannelFault)> on_failed_;
  std::function<void()> on_ready_;
  Phase phase_ = Phase::connecting;

  std::unique_ptr<Connection> connection_;
  std::uint64_t connection_id_ = 0;
  std::unique_ptr<Timer> connect_timer_;
  Framer framer_;
  std::vector<ApiVersionsResponse::ApiVersion> offered_;  // sorted by key

  std::int32_t next_correlation_ = first_request_correlation;
  std::deque<Held> held_;           // not written yet, in the order of submit()
  std::deque<InFlight> in_flight_;  // written, in the order in which answers come: the front has the oldest deadline
  std::unique_ptr<Timer> deadline_timer_;

  std::vector<std::function<void()>> later_;
  std::unique_ptr<Timer> later_timer_;
};

void RequestChannel::State::connect(const Address& address) {
  connection_ = runtime_.connect(address);
  connection_id_ = connection_->id();
  connection_->on(
      {.opened = guarded(&State::opened), .received = guarded(&State::received), .closed = guarded(&State::disconnected)});
  connect_timer_ = runtime_.after(options_.connect_timeout, guarded(&State::connect_timed_out));
}

void RequestChannel::State::submit(const MessageInfo& info, Answered answered, const Encode& encode, Completion completion) {
  CHECK(outstanding() < max_outstanding);
  const std::int32_t correlation = next_correlation_;
  next_correlation_ = correlation == std::numeric_limits<std::int32_t>::max() ? first_request_correlation : correlation + 1;
  if (ready()) {
    write(info, correlation, answered, encode, std::move(completion));
  } else if (failed()) {
    complete_later(std::move(completion), failure(ChannelFault::not_written));
  } else {
    held_.push_back({info, correlation, answered, encode, std::move(completion)});
  }
}

void RequestChannel::State::close() {
  phase_ = Phase::closed;
  connection_.reset();
  connect_timer_.reset();
  deadline_timer_.reset();
  later_timer_.reset();
  on_failed_ = nullptr;
  on_ready_ = nullptr;
  held_.clear();
  in_flight_.clear();
  later_.clear();
}

std::optional<std::int16_t> RequestChannel::State::version_for(std::int16_t api_key, std::int16_t first,
                                                               std::int16_t last) const {
  if (!options_.negotiate) return last;
  const auto offer = std::ranges::lower_bound(offered_, api_key, {}, &ApiVersionsResponse::ApiVersion::api_key);
  if (offer == offered_.end() || offer->api_key != api_key) return std::nullopt;
  const std::int16_t version = std::min(last, offer->max_version);
  if (version < std::max(first, offer->min_version)) return std::nullopt;
  return version;
}

void RequestChannel::State::opened() {
  connect_timer_.reset();
  if (!options_.negotiate) return become_ready();
  phase_ = Phase::negotiating;
  ask_for_versions(first_try, first_try_correlation);
}

void RequestChannel::State::ask_for_versions(std::int16_t version, std::int32_t correlation) {
  const ApiVersionsRequest request{.client_software_name = "acklab", .client_software_version = ACKLAB_VERSION};
  connection_->send(request_frame(request, version, correlation, options_.client_id));
  expect_answer(version, ApiVersionsRequest::info, correlation,
                [this](Result<Response, ChannelFault> response) { return !response || learn_versions(*response); });
}

bool RequestChannel::State::learn_versions(const Response& response) {
  if (response.version == first_try && refuses_version(response.body)) {
    ask_for_versions(second_try, second_try_correlation);
    return true;
  }
  auto versions = decode<ApiVersionsResponse>(response.body, response.version);
  if (!versions) return false;
  if (versions->error_code != ErrorCode::none) {
    fail(ChannelFault::unsupported);
    return true;
  }
  offered_ = std::move(versions->api_keys);
  std::ranges::sort(offered_, {}, &ApiVersionsResponse::ApiVersion::api_key);
  become_ready();
  return true;
}

void RequestChannel::State::become_ready() {
  phase_ = Phase::ready;
  for (Held& held : std::exchange(held_, {})) {
    write(held.info, held.correlation, held.answered, held.encode, std::move(held.completion));
  }
  const std::function<void()> on_ready = std::move(on_ready_);
  if (on_ready) on_ready();
}

void RequestChannel::State::write(const MessageInfo& info, std::int32_t correlation, Answered answered, const Encode& encode,
                                  Completion completion) {
  const std::optional<std::int16_t> version = version_for(info.api_key, info.first_version, info.last_version);
  if (!version) return complete_later(std::move(completion), failure(ChannelFault::unsupported));
  connection_->send(encode({*version, correlation, options_.client_id}));
  if (answered == Answered::yes) {
    expect_answer(*version, info, correlation, std::move(completion));
  } else {
    complete_later(std::move(completion), Response{});
  }
}

void RequestChannel::State::expect_answer(std::int16_t version, const MessageInfo& info, std::int32_t correlation,
                                          Completion completion) {
  in_flight_.push_back({info.api_key, version, info.flexible(version), correlation, runtime_.now() + options_.request_timeout,
                        std::move(completion)});
  if (!deadline_timer_) watch_deadlines();
}

void RequestChannel::State::received(Slice bytes) {
  framer_.feed(std::move(bytes));
  while (phase_ != Phase::failed && phase_ != Phase::closed) {
    const Result<std::optional<Slice>, std::string> frame = framer_.next();
    if (!frame) return fail(ChannelFault::malformed);
    if (!*frame) return;
    take_answer(**frame);
  }
}

void RequestChannel::State::take_answer(const Slice& frame) {
  if (in_flight_.empty()) return fail(ChannelFault::malformed);
  const auto answer = parse_response(frame, in_flight_.front().api_key, in_flight_.front().flexible);
  if (!answer || answer->correlation_id != in_flight_.front().correlation) return fail(ChannelFault::malformed);
  const InFlight request = std::move(in_flight_.front());
  in_flight_.pop_front();
  const bool readable = request.completion(Response{answer->body, request.version});
  if (!readable && phase_ != Phase::closed) fail(ChannelFault::malformed);
}

// All requests have the same time-out, so one timer for the oldest is enough. It is not moved when that one is answered: it finds out
// who is the oldest when it goes off, once per time-out however many requests there are.
void RequestChannel::State::watch_deadlines() {
  deadline_timer_ = runtime_.after(in_flight_.front().deadline - runtime_.now(), guarded(&State::deadline_passed));
}

void RequestChannel::State::deadline_passed() {
  deadline_timer_.reset();
  if (in_flight_.empty()) return;
  if (in_flight_.front().deadline <= runtime_.now()) return fail(ChannelFault::timed_out);
  watch_deadlines();
}

void RequestChannel::State::disconnected(CloseReason reason) {
  fail(reason == CloseReason::refused ? ChannelFault::refused : ChannelFault::disconnected);
}

// Any completion may destroy the channel, which closes this state; nothing more is called then.
void RequestChannel::State::fail(ChannelFault fault) {
  phase_ = Phase::failed;
  connection_.reset();
  connect_timer_.reset();
  deadline_timer_.reset();
  complete_now();  // what was decided before the failure; the owner may drop the channel after it
  const std::deque<InFlight> written = std::exchange(in_flight_, {});
  const std::deque<Held> unwritten = std::exchange(held_, {});
  for (const InFlight& request : written) {
    if (phase_ == Phase::closed) return;
    request.completion(failure(fault));
  }
  for (const Held& request : unwritten) {
    if (phase_ == Phase::closed) return;
    request.completion(failure(ChannelFault::not_written));
  }
  if (phase_ == Phase::closed) return;
  const std::function<void(ChannelFault)> on_failed = std::move(on_failed_);
  if (on_failed) on_failed(fault);
}

void RequestChannel::State::complete_later(Completion completion, Result<Response, ChannelFault> result) {
  later_.push_back([completion = std::move(completion), result = std::move(result)] { completion(result); });
  if (!later_timer_) later_timer_ = runtime_.after(Duration::zero(), guarded(&State::complete_now));
}

void RequestChannel::State::complete_now() {
  later_timer_.reset();
  for (const std::function<void()>& complete : std::exchange(later_, {})) {
    if (phase_ == Phase::closed) return;
    complete();
  }
}

RequestChannel::RequestChannel(Runtime& runtime, const Address& address, Options options,
                               std::function<void(ChannelFault)> failed)
    : state_(std::make_shared<State>(runtime, std::move(options), std::move(failed))) {
  state_->connect(address);
}

RequestChannel::~RequestChannel() { state_->close(); }

void RequestChannel::submit(const MessageInfo& info, Answered answered, const Encode& encode, Completion completion) {
  state_->submit(info, answered, encode, std::move(completion));
}

void RequestChannel::abandon() {
  const std::shared_ptr<State> self = state_;  // a completion may destroy the channel
  self->abandon();
}

void RequestChannel::on_ready(std::function<void()> ready) { state_->on_ready(std::move(ready)); }
bool RequestChannel::ready() const { return state_->ready(); }
bool RequestChannel::failed() const { return state_->failed(); }
std::size_t RequestChannel::outstanding() const { return state_->outstanding(); }
std::size_t RequestChannel::unsent() const { return state_->unsent(); }
std::uint64_t RequestChannel::connection_id() const { return state_->connection_id(); }
std::int32_t RequestChannel::next_correlation() const { return state_->next_correlation(); }
std::optional<std::int16_t> RequestChannel::version_for(std::int16_t api_key, std::int16_t first, std::int16_t last) const {
  return state_->version_for(api_key, first, last);
}

}  // namespace acklab::protocol
