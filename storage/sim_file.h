// A file of the simulated disk in its depths. What a power loss may leave is some moment since the last flush: a prefix of an image that
// is not shorter than what a flush had made certain of it. Images before the current one end where a truncation cut them.
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/runtime/random.h"
#include "protocol/wire/slice.h"
#include "storage/file_image.h"

namespace acklab::storage {

class SimFile {
 public:
  const FileImage& image() const { return now_.image; }
  std::uint64_t size() const { return now_.image.size(); }

  void append(const protocol::Bytes& bytes) { now_.image.append(bytes); }
  void truncate(std::uint64_t size);
  void flush();
  void make_name_durable() { name_durable_ = true; }

  // What this flush should have made durable never will be, whatever a later one says.
  void fail_flush();
  void rot(std::uint64_t position, unsigned bit);

  // Memory goes, and with it the only copy of what a failed flush did not write.
  void lose_memory();
  // Keeps one of the possible moments. False if not even the name stays.
  bool lose_power(protocol::Random& random);

 private:
  struct Range {
    std::uint64_t from = 0, to = 0;
  };
  struct Moment {
    FileImage image;
    std::uint64_t certain = 0;  // bytes that a power loss leaves, if it leaves this image
    std::vector<Range> doomed;  // what failed flushes did not write: in memory and nowhere else

    void cut(std::uint64_t size);
    void lose_the_doomed();
  };

  Moment now_;
  std::vector<Moment> before_;  // oldest first
  bool name_durable_ = false;
};

}  // namespace acklab::storage
