#include "protocol/study/capture_packets.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "protocol/wire/big_endian.h"

namespace acklab::protocol {
namespace {

enum class Order { big, little };

// Integers of a file whose writer chose the order of bytes. The caller has looked whether they are there.
struct Integers {
  const std::byte* from;
  Order order;

  template <class Integer>
  Integer at(std::size_t offset) const {
    const auto value = load_big_endian<Integer>(from + offset);
    if (order == Order::big) return value;
    Integer swapped = 0;
    for (std::size_t i = 0; i < sizeof(Integer); ++i) {
      swapped = static_cast<Integer>(swapped << 8 | ((value >> (8 * i)) & 0xff));
    }
    return swapped;
  }
  std::uint16_t u16(std::size_t offset) const { return at<std::uint16_t>(offset); }
  std::uint32_t u32(std::size_t offset) const { return at<std::uint32_t>(offset); }
};

Integers integers(const Slice& bytes, Order order) { return {bytes.data(), order}; }

constexpr std::uint64_t nanoseconds_a_second = 1'000'000'000;
// All that pcap can say, until 2106; so the difference of any two stamps can be said in nanoseconds. pcapng has room for more.
constexpr std::uint64_t latest_second = std::numeric_limits<std::uint32_t>::max();

// `fraction` counts parts of a second of which there are so many.
Duration stamp(std::uint64_t seconds, std::uint64_t fraction, std::uint64_t parts) {
  return Duration(static_cast<std::int64_t>(seconds * nanoseconds_a_second + fraction * (nanoseconds_a_second / parts)));
}

constexpr std::uint32_t pcap_microseconds = 0xa1b2c3d4;
constexpr std::uint32_t pcap_nanoseconds = 0xa1b23c4d;
constexpr std::uint32_t pcap_modified = 0xa1b2cd34;   // microseconds, and the packets' headers name an interface as well
constexpr std::uint32_t section_header = 0x0a0d0d0a;  // of pcapng; the same in either order
constexpr std::uint32_t byte_order_magic = 0x1a2b3c4d;

struct PcapKind {
  Order order;
  std::uint64_t parts_of_a_second;
  std::size_t packet_header_size = 16;
};

std::optional<PcapKind> pcap_kind(const Slice& file) {
  if (file.size() < 4) return std::nullopt;
  for (const Order order : {Order::big, Order::little}) {
    const std::uint32_t magic = integers(file, order).u32(0);
    if (magic == pcap_microseconds) return PcapKind{order, 1'000'000};
    if (magic == pcap_nanoseconds) return PcapKind{order, nanoseconds_a_second};
    if (magic == pcap_modified) return PcapKind{.order = order, .parts_of_a_second = 1'000'000, .packet_header_size = 24};
  }
  return std::nullopt;
}

bool is_pcapng(const Slice& file) { return file.size() >= 4 && integers(file, Order::big).u32(0) == section_header; }

CapturedPackets read_pcap(const Slice& file, PcapKind kind) {
  constexpr std::size_t file_header_size = 24;
  constexpr std::uint32_t link_type_bits = 0xffff;  // the others tell of checksums behind frames
  CapturedPackets result;
  if (file.size() < file_header_size) {
    result.fault = "the file ends in its header";
    return result;
  }
  const std::uint32_t link_type = integers(file, kind.order).u32(20) & link_type_bits;
  for (std::size_t at = file_header_size; at < file.size();) {
    const std::size_t number = result.packets.size() + 1;
    const Slice rest = file.from(at);
    if (rest.size() < kind.packet_header_size) {
      result.fault = fmt::format("the file ends in the header of packet {}", number);
      break;
    }
    const Integers header = integers(rest, kind.order);
    const std::size_t kept = header.u32(8);
    const std::size_t size = header.u32(12);
    if (kept > rest.size() - kind.packet_header_size) {
      result.fault = fmt::format("the file ends in packet {}: {} bytes announced, {} left", number, kept,
                                 rest.size() - kind.packet_header_size);
      break;
    }
    result.packets.push_back({.number = number,
                              .at = stamp(header.u32(0), header.u32(4), kind.parts_of_a_second),
                              .link_type = link_type,
                              .bytes = rest.part(kind.packet_header_size, kept),
                              .missing = size - std::min(size, kept)});
    at += kind.packet_header_size + kept;
  }
  return result;
}

// Reads a pcapng file, block by block.
class PcapngReader {
 public:
  explicit PcapngReader(Slice file) : rest_(std::move(file)) {}

  CapturedPackets read() {
    while (!rest_.empty() && result_.fault.empty()) block();
    return std::move(result_);
  }

 private:
  struct Interface {
    std::uint32_t link_type;
    std::uint64_t parts_of_a_second;
  };

  static constexpr std::uint32_t interface_description = 1;
  static constexpr std::uint32_t simple_packet = 3;
  static constexpr std::uint32_t enhanced_packet = 6;
  static constexpr std::size_t smallest_block = 12;

  void fail(std::string_view why) { result_.fault = fmt::format("behind packet {}: {}", result_.packets.size(), why); }

  void block() {
    if (rest_.size() < smallest_block) return fail("the file ends in a block");
    const std::uint32_t type = integers(rest_, order_).u32(0);
    if (type == section_header) {
      const std::uint32_t magic = integers(rest_, Order::big).u32(8);
      order_ = magic == byte_order_magic ? Order::big : Order::little;
      if (integers(rest_, order_).u32(8) != byte_order_magic) return fail("a section without its byte order");
      interfaces_.clear();
    }
    const std::size_t size = integers(rest_, order_).u32(4);
    if (size < smallest_block || size % 4 != 0) return fail(fmt::format("a block of {} bytes", size));
    if (size > rest_.size())
      return fail(fmt::format("the file ends in a block: {} bytes announced, {} left", size, rest_.size()));
    const Slice content = rest_.part(8, size - smallest_block);
    if (type == interface_description) interface(content);
    if (type == enhanced_packet) packet(content);
    if (type == simple_packet) packet_without_stamp(content);
    rest_.remove_prefix(size);
  }

  void interface(const Slice& content) {
    constexpr std::size_t fixed_size = 8;
    if (content.size() < fixed_size) return fail("an interface without a link type");
    interfaces_.push_back({integers(content, order_).u16(0), parts_of_a_second(content.from(fixed_size))});
    if (interfaces_.back().parts_of_a_second == 0)
      fail("an interface whose stamps are finer than nanoseconds, or no decimal part");
  }

  // The unit of stamps is an option: ten to the power of minus its value. Zero if it is one that is not read here.
  std::uint64_t parts_of_a_second(Slice options) const {
    constexpr std::uint16_t resolution = 9;
    constexpr std::uint64_t microseconds = 1'000'000;
    while (options.size() >= 4) {
      const std::uint16_t code = integers(options, order_).u16(0);
      const std::size_t length = integers(options, order_).u16(2);
      if (code == resolution && length == 1 && options.size() > 4) {
        const auto exponent = std::to_integer<unsigned>(options.view()[4]);
        if (exponent > 9) return 0;
        std::uint64_t parts = 1;
        for (unsigned i = 0; i < exponent; ++i) parts *= 10;
        return parts;
      }
      const std::size_t padded = 4 + (length + 3) / 4 * 4;
      if (code == 0 || padded > options.size()) break;
      options.remove_prefix(padded);
    }
    return microseconds;
  }

  void packet(const Slice& content) {
    constexpr std::size_t fixed_size = 20;
    if (content.size() < fixed_size) return fail("a packet's block without its header");
    const Integers header = integers(content, order_);
    const std::size_t interface = header.u32(0);
    if (interface >= interfaces_.size())
      return fail(fmt::format("a packet of interface {}, of which nothing was said", interface));
    const std::uint64_t parts = interfaces_[interface].parts_of_a_second;
    const std::uint64_t units = std::uint64_t{header.u32(4)} << 32 | header.u32(8);
    if (units / parts > latest_second)
      return fail(fmt::format("a packet's stamp of {} seconds since 1970, more than {}", units / parts, latest_second));
    add(interface, stamp(units / parts, units % parts, parts), content.from(fixed_size), header.u32(12), header.u32(16));
  }

  void packet_without_stamp(const Slice& content) {
    constexpr std::size_t fixed_size = 4;
    if (content.size() < fixed_size || interfaces_.empty()) return fail("a packet's block without its header");
    const std::size_t size = integers(content, order_).u32(0);
    add(0, Duration{}, content.from(fixed_size), std::min(size, content.size() - fixed_size), size);
  }

  void add(std::size_t interface, Duration at, const Slice& bytes, std::size_t kept, std::size_t size) {
    if (kept > bytes.size()) return fail("a packet that is longer than its block");
    result_.packets.push_back({.number = result_.packets.size() + 1,
                               .at = at,
                               .link_type = interfaces_[interface].link_type,
                               .bytes = bytes.part(0, kept),
                               .missing = size - std::min(size, kept)});
  }

  Slice rest_;
  Order order_ = Order::little;
  std::vector<Interface> interfaces_;
  CapturedPackets result_;
};

}  // namespace

bool looks_like_capture(const Slice& file) { return pcap_kind(file) || is_pcapng(file); }

CapturedPackets read_capture(const Slice& file) {
  if (const auto kind = pcap_kind(file)) return read_pcap(file, *kind);
  if (is_pcapng(file)) return PcapngReader(file).read();
  return {.packets = {}, .fault = "the file is no capture: it does not begin as pcap or pcapng does"};
}

}  // namespace acklab::protocol
