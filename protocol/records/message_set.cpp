#include "protocol/records/message_set.h"

#include "protocol/records/crc32.h"
#include "protocol/wire/big_endian.h"

namespace acklab::protocol {
namespace {

constexpr std::size_t crc_size = 4;

// Takes integers and runs of bytes from the front. After the first fault it gives zeros and nothing.
class Fields {
 public:
  explicit Fields(std::span<const std::byte> bytes) : rest_(bytes) {}

  template <std::integral T>
  T integer() {
    const auto taken = take(sizeof(T));
    return taken.empty() ? T{0} : load_big_endian<T>(taken.data());
  }
  std::optional<std::span<const std::byte>> nullable_run() {
    const auto length = integer<std::int32_t>();
    if (length < 0) return std::nullopt;
    return take(static_cast<std::size_t>(length));
  }
  bool used_up() const { return ok_ && rest_.empty(); }

 private:
  std::span<const std::byte> take(std::size_t bytes) {
    ok_ = ok_ && bytes <= rest_.size();
    if (!ok_) return {};
    const auto taken = rest_.first(bytes);
    rest_ = rest_.subspan(bytes);
    return taken;
  }

  std::span<const std::byte> rest_;
  bool ok_ = true;
};

}  // namespace

std::uint32_t MessageView::crc_of_bytes() const { return crc32(bytes.subspan(message_prefix_size + crc_size)); }

const MessageView* MessageWalk::next() {
  if (fault_ != nullptr || rest_.size() < message_prefix_size) return nullptr;
  const auto size = load_big_endian<std::int32_t>(rest_.data() + sizeof(std::int64_t));
  if (size < smallest_message_size) {
    fault_ = "a size that is smaller than a message";
    return nullptr;
  }
  const std::size_t whole = message_prefix_size + static_cast<std::size_t>(size);
  if (whole > rest_.size()) return nullptr;

  message_ = {};
  message_.bytes = rest_.first(whole);
  Fields fields(message_.bytes);
  message_.offset.value = fields.integer<std::int64_t>();
  fields.integer<std::int32_t>();  // the size
  message_.crc = fields.integer<std::uint32_t>();
  message_.magic = fields.integer<std::int8_t>();
  message_.attributes = fields.integer<std::int8_t>();
  if (message_.magic < 0 || message_.magic > 1) {
    fault_ = "a magic that is neither 0 nor 1";
    return nullptr;
  }
  if (message_.magic == 1) message_.timestamp = fields.integer<std::int64_t>();
  message_.key = fields.nullable_run();
  message_.value = fields.nullable_run();
  if (!fields.used_up()) {
    fault_ = "a key and a value that do not fill the message";
    return nullptr;
  }
  rest_ = rest_.subspan(whole);
  return &message_;
}

}  // namespace acklab::protocol
