#include "producer/compression_estimate.h"

#include <algorithm>

namespace acklab::producer {

void CompressionEstimate::observe(std::size_t uncompressed, std::size_t compressed) {
  if (codec_ == protocol::Codec::none || uncompressed == 0) return;
  const int observed = static_cast<int>(compressed * neutral / uncompressed);
  if (observed > permille_) {
    permille_ = std::max(permille_ + worse_step, observed);
  } else {
    permille_ = std::max(permille_ - better_step, observed);
  }
}

std::size_t CompressionEstimate::estimated(std::size_t uncompressed) const {
  const std::size_t likely = uncompressed * static_cast<std::size_t>(permille_) / neutral * 21 / 20;
  return std::max(likely, uncompressed / most_stretched);
}

}  // namespace acklab::producer
