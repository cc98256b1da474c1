// Plain fields, read one after the other from a cursor into parts: what headers of frames and batches, and records, consist of.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/study/byte_cursor.h"
#include "protocol/study/part.h"

namespace acklab::protocol {

inline constexpr std::size_t max_varint32 = 5;  // bytes

// A part that begins where the cursor is.
Part begin_part(const ByteCursor& cursor, std::string name, std::string type = {});

class FieldReader {
 public:
  // Both outlive it.
  FieldReader(ByteCursor& cursor, std::vector<Part>& parts) : cursor_(cursor), parts_(parts) {}

  std::int64_t integer(const char* name, std::size_t bytes);
  std::int64_t zigzag(const char* name, std::size_t most_bytes = max_varint32);
  // A length and its bytes; a negative length is null.
  void run(const char* name);              // the length is a zigzag varint, as in records
  Slice long_run(const char* name);        // the length is an int32, as in messages of a message set; gives the bytes
  void nullable_string(const char* name);  // the length is an int16, as in headers
  // Of which none is known.
  void tagged_fields();

  // Of the last field.
  void note(std::string note);
  void fail(std::string fault);

 private:
  void end(Part part, std::string value);

  ByteCursor& cursor_;
  std::vector<Part>& parts_;
};

}  // namespace acklab::protocol
