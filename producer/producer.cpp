#include "producer/producer.h"

#include "producer/core.h"

namespace acklab::producer {

Producer::Producer(protocol::Runtime& runtime, std::vector<protocol::Address> bootstrap, ProducerConfig config)
    : core_(std::make_unique<Core>(runtime, std::move(bootstrap), std::move(config))) {}

Producer::~Producer() = default;

void Producer::send(const ProducerRecord& record, Callback callback) { core_->send(record, std::move(callback)); }

void Producer::send(const ProducerRecordView& record, Callback callback) { core_->send(record, std::move(callback)); }

void Producer::send_at(protocol::Time sent_at, const ProducerRecordView& record, Callback callback) {
  core_->send_at(sent_at, record, std::move(callback));
}

void Producer::add_interceptor(std::unique_ptr<Interceptor> interceptor) { core_->add_interceptor(std::move(interceptor)); }

bool Producer::has_room() { return core_->has_room(); }

void Producer::on_room(std::function<void()> room) { core_->on_room(std::move(room)); }

void Producer::flush(std::function<void()> done) { core_->flush(std::move(done)); }

const ProducerMetrics& Producer::metrics() const { return core_->metrics(); }

std::vector<Metric> Producer::snapshot() const { return core_->snapshot(); }

ProducerView Producer::view() const { return core_->view(); }

std::size_t Producer::undelivered() const { return core_->undelivered(); }

}  // namespace acklab::producer
