#include "storage/meta_properties.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "storage/segment_files.h"

namespace acklab::storage {

using protocol::failure;

namespace {

constexpr std::string_view version = "1";

// What java.util.Properties reads, as far as it writes it: key=value in lines, and comments.
std::map<std::string_view, std::string_view> lines_of(std::string_view text) {
  std::map<std::string_view, std::string_view> found;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::size_t equals = line.find('=');
    if (!line.starts_with('#') && equals != std::string_view::npos) found[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return found;
}

}  // namespace

std::string to_text(const MetaProperties& properties) {
  return fmt::format("version={}\ncluster.id={}\nnode.id={}\ndirectory.id={}\n", version, properties.cluster_id,
                     properties.node_id, properties.directory_id);
}

Result<MetaProperties, std::string> parse_meta_properties(std::string_view text) {
  const auto lines = lines_of(text);
  for (const char* key : {"version", "cluster.id", "node.id"}) {
    if (!lines.contains(key)) return failure(fmt::format("it has no {}", key));
  }
  if (lines.at("version") != version) return failure(fmt::format("its version is {} and not {}", lines.at("version"), version));
  MetaProperties properties;
  properties.cluster_id = lines.at("cluster.id");
  const std::string_view id = lines.at("node.id");
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), properties.node_id);
  if (error != std::errc() || end != id.data() + id.size()) return failure(fmt::format("its node.id is {}", id));
  if (const auto directory = lines.find("directory.id"); directory != lines.end()) properties.directory_id = directory->second;
  return properties;
}

Result<void, std::string> claim_directory(Disk& disk, const MetaProperties& ours) {
  const auto text = read_file(disk, meta_properties_file);
  if (!text && text.error().fault != DiskFault::not_found) return failure(text.error().what);
  if (!text) {
    const auto written = replace_file(disk, meta_properties_file, Slice::copy_of(to_text(ours)));
    return written ? Result<void, std::string>{} : failure(written.error().what);
  }
  const auto theirs = parse_meta_properties(text->text());
  if (!theirs) return failure(fmt::format("{} cannot be used: {}", meta_properties_file, theirs.error()));
  if (theirs->cluster_id != ours.cluster_id) {
    return failure(fmt::format("it belongs to cluster {}, and this is cluster {}", theirs->cluster_id, ours.cluster_id));
  }
  if (theirs->node_id != ours.node_id) {
    return failure(fmt::format("it belongs to node {}, and this is node {}", theirs->node_id, ours.node_id));
  }
  return {};
}

}  // namespace acklab::storage
