// Whose directory this is: Kafka's meta.properties at the root of a disk.
//
//   version=1
//   cluster.id=acklab-cluster-0000000
//   node.id=0
//   directory.id=hGWR7tS3QnGyZ0_XkBdC4A
//
// Batches do not say which cluster or broker they belong to. A broker that took up another's directory would serve its records.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/disk.h"

namespace acklab::storage {

inline constexpr const char* meta_properties_file = "meta.properties";

struct MetaProperties {
  std::string cluster_id;
  std::int32_t node_id = -1;
  std::string directory_id;  // of this directory, and no other in the world

  friend bool operator==(const MetaProperties&, const MetaProperties&) = default;
};

std::string to_text(const MetaProperties& properties);
// The error says what is wrong with it.
Result<MetaProperties, std::string> parse_meta_properties(std::string_view text);

// Makes the directory ours if it is nobody's yet; then it gets this directory id. The error is a line for the user, without the name of
// the directory: it belongs to somebody else, or cannot be read.
Result<void, std::string> claim_directory(Disk& disk, const MetaProperties& ours);

}  // namespace acklab::storage
