// How well the records of a topic compress, guessed from the batches before (Kafka's CompressionRatioEstimator). A batch is full when
// it will probably have batch.size bytes *compressed*, but while it fills it is not compressed yet; so this says how far to fill it.
// Pure. In thousandths, because the same run must come out the same under every compiler.
//
// It believes a batch that compressed worse at once, and one that compressed better only slowly: a batch that becomes too large costs
// a refusal and a split, one that stays small costs little.
#pragma once

#include <cstddef>

#include "protocol/records/compression.h"

namespace acklab::producer {

class CompressionEstimate {
 public:
  explicit CompressionEstimate(protocol::Codec codec) : codec_(codec) {}

  // A batch of so many bytes was compressed.
  void observe(std::size_t uncompressed, std::size_t compressed);
  // One batch was too large for the broker: nothing is expected of compression until it has shown itself again.
  void start_over() { permille_ = neutral; }

  // What that many bytes of records will probably take, with a twentieth for safety.
  std::size_t compressed(std::size_t uncompressed) const {
    return codec_ == protocol::Codec::none ? uncompressed : estimated(uncompressed);
  }

  int permille() const { return permille_; }

 private:
  std::size_t estimated(std::size_t uncompressed) const;

  static constexpr int neutral = 1000;
  static constexpr int worse_step = 50;  // at least, when a batch compressed worse
  static constexpr int better_step = 5;  // at most, when one compressed better
  // An open batch lies uncompressed in memory. It shall not be more than this many times batch.size.
  static constexpr int most_stretched = 8;

  protocol::Codec codec_;
  int permille_ = neutral;
};

}  // namespace acklab::producer
