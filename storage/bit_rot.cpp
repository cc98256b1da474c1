#include "storage/bit_rot.h"

#include <vector>

#include "protocol/records/batch_layout.h"
#include "storage/segment.h"

namespace acklab::storage {

using protocol::batch_header_size;
using protocol::BatchHeader;
using protocol::Offset;

namespace {

struct Place {
  std::string path;
  std::uint64_t position = 0;
  BatchHeader header;
};

// From header to header, as far as they make sense.
void find_batches(SimDisk& disk, const std::string& path, Offset upper, std::vector<Place>& found) {
  const auto file = disk.open(path);
  if (!file) return;
  for (std::uint64_t position = 0; position + batch_header_size <= (*file)->size();) {
    const auto head = (*file)->read(position, batch_header_size);
    if (!head || head->size() < batch_header_size) return;
    const BatchHeader header = protocol::load_batch_header(head->view().first<batch_header_size>());
    if (header.batch_length < protocol::smallest_batch_length || header.next_offset() > upper) return;
    found.push_back({path, position, header});
    position += header.size();
  }
}

}  // namespace

std::optional<BatchHeader> rot_a_batch(SimDisk& disk, const std::string& directory, Offset upper, protocol::Random& random) {
  std::vector<Place> batches;
  for (const std::string& name : disk.list(directory)) {
    if (base_of_segment_name(name)) find_batches(disk, directory + "/" + name, upper, batches);
  }
  if (batches.empty()) return std::nullopt;
  const Place& chosen = batches[random.below(batches.size())];
  if (!disk.rot(chosen.path, chosen.position + protocol::crc_at, chosen.position + chosen.header.size())) return std::nullopt;
  return chosen.header;
}

}  // namespace acklab::storage
