#include "producer/producer.h"

#include "producer/core.h"

namespace acklab::producer {

Producer::Producer(protocol::Runtime& runtime, std::vector<protocol::Address> bootstrap, ProducerConfig config)
    : core_(std::make_unique<Core>(runtime, std::move(bootstrap), std::move(config))) {}

Producer::~Producer() = default;

void Producer::send(ProducerRecord record, Callback callback) { core_->send(std::move(record), std::move(callback)); }

void Producer::flush(std::function<void()> done) { core_->flush(std::move(done)); }

const ProducerMetrics& Producer::metrics() const { return core_->metrics(); }

std::size_t Producer::undelivered() const { return core_->undelivered(); }

}  // namespace acklab::producer
