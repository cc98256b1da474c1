// A trace is a journal as text, one line for each event, made for grep, sort and diff; `events.md` beside this file describes it. It is also
// how two runs that should be equal are compared: not only whether they differ, but where first, since everything after that is a
// consequence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/runtime/journal.h"

namespace acklab::protocol {

// "12.250000 broker:1 appended orders-0 epoch=1 offset=400 count=3". Every field that differs from its default is there, so two
// entries have the same line only if they are equal in all that the trace hash covers.
std::string trace_line(const Entry& entry, std::string_view topic);

// The events of one run, as a listener hears them.
class Trace {
 public:
  // Keeps the first `capacity` events, since what matters is where two traces part.
  explicit Trace(std::size_t capacity = Journal::default_capacity) : capacity_(capacity) {}

  void add(const Entry& entry, std::string_view topic);

  std::size_t kept() const { return events_.size(); }
  std::string line(std::size_t index) const { return trace_line(events_[index].entry, *events_[index].topic); }

 private:
  struct Happened {
    Entry entry;
    const std::string* topic;  // in topics_
  };

  std::size_t capacity_;
  std::vector<Happened> events_;
  std::set<std::string, std::less<>> topics_;
};

// Where two traces part.
struct Difference {
  std::uint64_t event = 0;  // how many events are equal before it
  std::string first;        // the next event of each; empty: that run had ended
  std::string second;
};

// None if they agree in all that they have kept: beyond that, the trace hashes tell whether the runs are equal.
std::optional<Difference> first_difference(const Trace& first, const Trace& second);

}  // namespace acklab::protocol
