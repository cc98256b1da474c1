#include "tools/commands/network.h"

#include <charconv>
#include <random>

#include <fmt/format.h>

#include "tools/commands/command.h"
#include "tools/lab/admin.h"

namespace acklab {

std::vector<protocol::Address> parse_bootstrap(const std::string& text) {
  std::vector<protocol::Address> all;
  std::size_t from = 0;
  while (from <= text.size()) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    const std::string one = text.substr(from, comma - from);
    const std::size_t colon = one.rfind(':');
    std::uint16_t port = 0;
    const char* end = one.data() + one.size();
    if (colon == std::string::npos || colon == 0 || std::from_chars(one.data() + colon + 1, end, port).ptr != end || port == 0) {
      throw BadInput("-b \"" + text + "\": \"" + one + "\" is not HOST:PORT; write for example 127.0.0.1:9092");
    }
    std::string host = one.substr(0, colon);
    all.push_back({host == "localhost" ? "127.0.0.1" : host, port});
    from = comma + 1;
  }
  return all;
}

std::map<std::string, std::string> parse_settings(const std::vector<std::string>& items, const std::string& option) {
  std::map<std::string, std::string> settings;
  for (const std::string& item : items) {
    const std::size_t equals = item.find('=');
    if (equals == std::string::npos || equals == 0) throw BadInput(option + " " + item + ": write KEY=VALUE");
    settings[item.substr(0, equals)] = item.substr(equals + 1);
  }
  return settings;
}

std::uint64_t system_seed() {
  std::random_device device;
  const std::uint64_t high = device();
  return (high << 32) | device();
}

void no_answer(const std::string& bootstrap, double seconds) {
  throw BadInput(fmt::format("no broker answered at {} within {} s; start one, or say with -b where one is", bootstrap, seconds));
}

protocol::MetadataResponse ask_metadata(const std::string& bootstrap, std::optional<std::vector<std::string>> topics,
                                        double seconds) {
  const auto addresses = parse_bootstrap(bootstrap);
  protocol::MetadataResponse response;
  std::atomic<bool> done{false};
  // Declared behind what it writes to, so that it ends first.
  ClientNode<lab::Admin> admin(
      [&addresses](protocol::Runtime& runtime) { return std::make_unique<lab::Admin>(runtime, addresses); });
  admin.ask([&](lab::Admin& client) {
    client.describe(std::move(topics), [&](const protocol::MetadataResponse& answer) {
      response = answer;
      done = true;
    });
  });
  const auto limit = protocol::Duration(static_cast<std::int64_t>(seconds * 1e9));
  if (!admin.wait([&] { return done.load(); }, limit)) no_answer(bootstrap, seconds);
  return response;
}

}  // namespace acklab
