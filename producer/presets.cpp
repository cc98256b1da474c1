#include "producer/presets.h"

#include <algorithm>

namespace acklab::producer {
namespace {

constexpr Preset::Choice for_throughput[] = {
    {"batch.size", "262144", "a request, a checksum and a run of the codec for each batch: the fewer batches, the fewer of them"},
    {"linger.ms", "20", "records wait for company; a batch that is full does not"},
    {"compression.type", "lz4",
     "fewer bytes for the network and every replica, from the codec that costs least for what it saves"},
    {"compression.lz4.level", "1", "the higher levels spend several times the processor for a few percent of the bytes"},
    {"buffer.memory", "134217728", "room for many large batches, so that the application is not held up by a slow answer"},
};

constexpr Preset::Choice for_latency[] = {
    {"linger.ms", "0", "a record leaves as soon as its broker can take it"},
    {"batch.size", "4096", "what gathers while requests are in flight leaves in small pieces, each soon appended"},
    {"compression.type", "none", "no time goes into the codec, here or in the consumer"},
    {"acks", "1",
     "the leader answers without waiting for its followers: what it alone had is lost if it dies. acks=all is the safe choice, "
     "and "
     "costs a round trip between brokers"},
};

constexpr Preset::Choice for_memory[] = {
    {"buffer.memory", "4194304", "the limit itself; records wait max.block.ms for room"},
    {"batch.size", "8192", "every partition's open batch takes this much, however few its records"},
    {"max.in.flight.requests.per.connection", "1", "sent batches are kept until they are answered"},
    {"max.request.size", "262144", "one request is gathered at a time, and no record is larger"},
    {"compression.type", "lz4", "batches that wait are small, and the codec needs little memory itself"},
    {"compression.lz4.level", "1", "the higher levels need larger tables"},
};

constexpr Preset table[] = {
    {"throughput", "as many records a second as possible; each may wait a little", for_throughput},
    {"latency", "each record acknowledged as soon as possible; more requests for the same records", for_latency},
    {"memory", "as little memory as possible; slower when brokers are slow", for_memory},
};

}  // namespace

std::span<const Preset> presets() { return table; }

const Preset* preset_named(std::string_view name) {
  const auto found = std::find_if(std::begin(table), std::end(table), [&](const Preset& one) { return one.name == name; });
  return found == std::end(table) ? nullptr : &*found;
}

}  // namespace acklab::producer
