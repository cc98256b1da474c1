// Records on their way from an application's thread to the producer's: written one after the other by one side, read in the same order
// by the other, in memory that is used again.
//
//   entries   one for each record: callback, time, sizes
//   bytes     topic, key, value, header, header ... of the first record, then of the second ...
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "producer/producer.h"
#include "protocol/runtime/time.h"

namespace acklab::producer {

class IntakeRecords {
 public:
  struct Entry {
    Producer::Callback callback;
    protocol::Time sent_at{};
    std::int64_t timestamp = -1;
    std::int32_t partition = -1;  // -1: any
    std::uint32_t topic = 0;      // sizes in bytes; -1: null
    std::int32_t key = -1;
    std::int32_t value = -1;
    std::uint32_t headers = 0;  // how many
  };

  // Copies the record.
  void add(const ProducerRecordView& record, Producer::Callback callback, protocol::Time sent_at);
  std::size_t memory() const {
    return bytes.size() + entries.size() * sizeof(Entry) + header_sizes.size() * sizeof(std::int32_t);
  }
  void clear();

  // Bytes one after the other. A vector would clear what is about to be written.
  class Run {
   public:
    void append(std::string_view bytes) {
      if (size_ + bytes.size() > capacity_) grow(size_ + bytes.size());
      if (!bytes.empty()) std::memcpy(bytes_.get() + size_, bytes.data(), bytes.size());
      size_ += bytes.size();
    }
    const char* data() const { return bytes_.get(); }
    std::size_t size() const { return size_; }
    void clear() { size_ = 0; }

   private:
    void grow(std::size_t size);

    std::unique_ptr<char[]> bytes_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
  };

  std::vector<Entry> entries;
  std::vector<std::int32_t> header_sizes;  // of key and value, two for each header
  Run bytes;
};

// Reads them, record by record.
class IntakeReader {
 public:
  // `records` outlives the reader and is not changed while it reads.
  explicit IntakeReader(IntakeRecords& records) : records_(records) {}

  bool at_end() const { return next_ == records_.entries.size(); }
  IntakeRecords::Entry& entry() { return records_.entries[next_]; }
  // The record at hand; its views are valid until the next call.
  ProducerRecordView view();
  // Goes on to the next; view() came before.
  void advance() {
    byte_ = end_of_record_;
    header_ = end_of_headers_;
    ++next_;
  }

 private:
  IntakeRecords& records_;
  std::size_t next_ = 0;
  std::size_t byte_ = 0;
  std::size_t header_ = 0;
  std::size_t end_of_record_ = 0;
  std::size_t end_of_headers_ = 0;
  std::vector<ProducerRecordView::Header> headers_;
};

}  // namespace acklab::producer
