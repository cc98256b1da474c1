#include "tools/commands/dissect_capture.h"

#include <cstdio>
#include <ctime>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "protocol/messages/registry.h"
#include "protocol/study/kafka_capture.h"
#include "tools/commands/json_pieces.h"
#include "tools/commands/parts_json.h"
#include "tools/lab/table.h"

namespace acklab {
namespace {

using Json = nlohmann::ordered_json;
using protocol::Duration;
using protocol::KafkaCapture;
using protocol::KafkaConnection;
using protocol::KafkaMessage;
using protocol::Part;
using protocol::TcpConnection;

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", lab::grouped(static_cast<std::int64_t>(count)), noun, count == 1 ? "" : "s");
}

// "2024-01-01 00:00:00.000300000 UTC"
std::string calendar(Duration since_1970) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_1970);
  const std::time_t time = seconds.count();
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[64] = {};
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  return fmt::format("{}.{:09} UTC", text, (since_1970 - seconds).count());
}

std::string api_text(const KafkaMessage& message) {
  if (!message.header) return "unknown";
  const protocol::Api* api = protocol::find_api(message.header->api_key);
  const std::string name = api ? std::string(api->name) : fmt::format("API {}", message.header->api_key);
  return fmt::format("{} v{}", name, message.header->version);
}

// The value of a field near the top: "Acks".
std::string value_of(const std::vector<Part>& parts, std::string_view name) {
  for (const Part& part : parts) {
    if (part.name == name) return part.value;
    for (const Part& inner : part.parts) {
      if (inner.name == name) return inner.value;
    }
  }
  return "";
}

std::string_view end_text(TcpConnection::End end) {
  switch (end) {
    case TcpConnection::End::open:
      return "still open";
    case TcpConnection::End::closed:
      return "closed";
    case TcpConnection::End::reset:
      return "reset";
    case TcpConnection::End::refused:
      return "refused";
  }
  return "";
}

// Of its connection, as it is shown.
std::int64_t number_of(const KafkaMessage& message) { return static_cast<std::int64_t>(message.connection) + 1; }

// Whether a message is of the connection and the API that were asked for.
bool is_wanted(const CaptureView& view, const KafkaMessage& message) {
  if (view.connection && number_of(message) != *view.connection) return false;
  return !view.api_key || (message.header && message.header->api_key == *view.api_key);
}

// Frames are counted over the whole capture, so that a number that was read off one list may be of what another view leaves out.
void refuse_what_is_not_there(const KafkaCapture& capture, const CaptureView& view) {
  if (view.connection && (*view.connection < 1 || *view.connection > std::ssize(capture.connections))) {
    throw BadInput(
        fmt::format("--connection {}: the capture has {}", *view.connection, counted(capture.connections.size(), "connection")));
  }
  for (const std::size_t frame : view.frames) {
    if (frame > capture.messages.size()) {
      throw BadInput(fmt::format("--frame {}: the capture has {}", frame, counted(capture.messages.size(), "message")));
    }
    const KafkaMessage& message = capture.messages[frame - 1];
    if (is_wanted(view, message)) continue;
    throw BadInput(fmt::format("--frame {}: that is {} in connection {}; leave --connection and --api out, or name these", frame,
                               api_text(message), number_of(message)));
  }
}

// One message, with its parts, and with what there is to say of it.
class MessageView {
 public:
  enum class Parts { hidden, shown };

  MessageView(const KafkaCapture& capture, std::size_t place)
      : capture_(capture), place_(place), message_(capture.messages[place]), parts_(protocol::dissect(message_)) {
    if (message_.whole()) fault_ = protocol::first_fault(parts_);
  }

  const std::vector<Part>& parts() const { return parts_; }
  const std::optional<protocol::Fault>& fault() const { return fault_; }

  std::string line(Duration began) const {
    const bool request = message_.kind == KafkaMessage::Kind::request;
    const double seconds = std::chrono::duration<double>(message_.at - began).count();
    std::string text = fmt::format("#{:<5} {:>12.6f}  {:>3} {}  {} {}", place_ + 1, seconds, message_.connection + 1,
                                   request ? '>' : '<', api_text(message_), request ? "request" : "response");
    if (message_.header) text += fmt::format(", correlation id {}", message_.header->correlation);
    text += ", " + counted(message_.size, "byte");
    if (!request && message_.partner) text += fmt::format(", answers #{} after {:.3f} ms", *message_.partner + 1, latency_ms());
    const std::string remark = this->remark();
    if (!remark.empty()) text += ": " + remark;
    return text;
  }

  std::string json(Parts shown) const {
    const KafkaConnection& connection = capture_.connections[message_.connection];
    const bool request = message_.kind == KafkaMessage::Kind::request;
    Json one{{"frame", place_ + 1},
             {"packet", message_.packet},
             {"time_ns", message_.at.count()},
             {"connection", message_.connection + 1},
             {"client", to_string(connection.client)},
             {"server", to_string(connection.server)},
             {"kind", request ? "request" : "response"},
             {"bytes", message_.size}};
    if (message_.header) {
      const protocol::Api* api = protocol::find_api(message_.header->api_key);
      if (api) one["api"] = std::string(api->name);
      one["api_key"] = message_.header->api_key;
      one["version"] = message_.header->version;
      one["correlation_id"] = message_.header->correlation;
    }
    if (message_.partner) one[request ? "answered_by" : "answers"] = *message_.partner + 1;
    if (!request && message_.partner) one["latency_ms"] = latency_ms();
    if (!remark().empty()) one["remark"] = remark();
    if (fault_) one["fault"] = {{"offset", fault_->offset}, {"path", fault_->path}, {"reason", fault_->reason}};
    std::string text = one.dump();
    if (shown == Parts::shown) text.replace(text.size() - 1, 1, R"(,"parts":)" + parts_json(parts_) + "}");
    return text;
  }

 private:
  double latency_ms() const { return protocol::in_milliseconds(message_.at - capture_.messages[*message_.partner].at); }

  std::string remark() const {
    if (!message_.whole())
      return fmt::format("only {} of them in this capture", lab::grouped(static_cast<std::int64_t>(message_.frame.size())));
    if (fault_) return fmt::format("CANNOT BE READ at byte {}, {}: {}", fault_->offset, fault_->path, fault_->reason);
    if (has_wrong_checksum(parts_)) return fmt::format("a checksum {}", protocol::does_not_match);
    if (message_.partner) return "";
    if (message_.kind == KafkaMessage::Kind::response) return "the request that it answers is not in this capture";
    return value_of(parts_, "Acks") == "0" ? "acks=0, so none will answer" : "no answer in this capture";
  }

  const KafkaCapture& capture_;
  const std::size_t place_;
  const KafkaMessage& message_;
  const std::vector<Part> parts_;
  std::optional<protocol::Fault> fault_;
};

std::string connection_line(const KafkaConnection& connection, std::size_t number) {
  std::string text = fmt::format("connection {}: {} -> {}, {}", number, to_string(connection.client),
                                 to_string(connection.server), end_text(connection.end));
  if (!connection.from_its_beginning) text += ", was there before the capture";
  text += ", " + counted(connection.bytes, "byte");
  if (connection.missing > 0) text += fmt::format(", {} missing between them", counted(connection.missing, "byte"));
  if (connection.skipped > 0)
    text += fmt::format(", {} of no whole frame", lab::grouped(static_cast<std::int64_t>(connection.skipped)));
  if (!connection.kafka) text += "; no Kafka request among them";
  return text;
}

Json connection_json(const KafkaConnection& connection) {
  return {{"client", to_string(connection.client)}, {"server", to_string(connection.server)}, {"kafka", connection.kafka},
          {"whole", connection.from_its_beginning}, {"end", end_text(connection.end)},        {"bytes", connection.bytes},
          {"missing", connection.missing},          {"skipped", connection.skipped}};
}

// All of a capture's document that stands before its messages.
std::string head_json(const KafkaCapture& capture) {
  Json connections = Json::array();
  for (const KafkaConnection& connection : capture.connections) connections.push_back(connection_json(connection));
  std::string text =
      Json{{"packets", capture.packets}, {"passed_over", capture.passed_over}, {"connections", std::move(connections)}}.dump();
  text.pop_back();  // it goes on
  return text;
}

void print_head(const KafkaCapture& capture, const CaptureView& view, Duration began) {
  std::printf("%s, %s, %s", counted(capture.packets, "packet").c_str(), counted(capture.connections.size(), "connection").c_str(),
              counted(capture.messages.size(), "message").c_str());
  std::printf(capture.messages.empty() ? "\n" : ", the first at %s\n", calendar(began).c_str());
  for (const auto& [why, count] : capture.passed_over)
    std::printf("passed over: %s, %s\n", counted(count, "packet").c_str(), why.c_str());
  if (capture.cut_packets > 0)
    std::printf("the capture did not keep all of %s\n", counted(capture.cut_packets, "packet").c_str());
  for (std::size_t i = 0; i < capture.connections.size(); ++i) {
    if (!view.connection || *view.connection == static_cast<std::int64_t>(i) + 1)
      std::printf("%s\n", connection_line(capture.connections[i], i + 1).c_str());
  }
}

// One line on stderr, of the first that could not be read.
void end_with_fault(const KafkaCapture& capture, const std::string& first, std::size_t unreadable) {
  if (unreadable > 0) {
    std::fprintf(stderr, "acklab: %s%s\n", first.c_str(),
                 unreadable > 1 ? fmt::format(" (and {} more)", unreadable - 1).c_str() : "");
  } else if (!capture.fault.empty()) {
    std::fprintf(stderr, "acklab: %s\n", capture.fault.c_str());
  } else {
    return;
  }
  throw Exit{ExitCode::unexpected};
}

}  // namespace

void print_capture(const protocol::Slice& file, const CaptureView& view, JsonOutput& json) {
  const KafkaCapture capture = protocol::kafka_capture(file);
  refuse_what_is_not_there(capture, view);
  const Duration began = capture.messages.empty() ? Duration{} : capture.messages.front().at;
  const bool in_words = !json.to_stdout();
  if (in_words) print_head(capture, view, began);

  JsonPieces pieces(json);
  if (json.wanted()) pieces.add(head_json(capture) + R"(,"messages":[)");
  std::string_view comma;
  std::string first_fault;
  std::size_t unreadable = 0;
  // Messages one by one: the parts of all are many times what the capture is.
  for (std::size_t i = 0; i < capture.messages.size(); ++i) {
    if (!is_wanted(view, capture.messages[i])) continue;
    const bool whole = view.every_frame || view.frames.contains(i + 1);
    const bool listed = view.frames.empty() || whole;
    const MessageView message(capture, i);
    if (const auto& fault = message.fault(); fault && unreadable++ == 0) {
      first_fault = fmt::format("#{}, byte {}, {}: {}", i + 1, fault->offset, fault->path, fault->reason);
    }
    if (!listed) continue;
    if (json.wanted()) {
      pieces.add(comma);
      pieces.add(message.json(whole ? MessageView::Parts::shown : MessageView::Parts::hidden));
      comma = ",";
    }
    if (in_words) std::printf("%s\n", message.line(began).c_str());
    if (in_words && whole) std::fputs(protocol::hex_dump(message.parts(), view.style).c_str(), stdout);
  }
  if (json.wanted()) {
    pieces.add(capture.fault.empty() ? "]}" : fmt::format(R"(],"fault":{}}})", Json(capture.fault).dump()));
    pieces.end();
  }
  end_with_fault(capture, first_fault, unreadable);
}

}  // namespace acklab
