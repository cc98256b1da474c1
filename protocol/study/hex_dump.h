// Parts as an annotated hex dump: where, the bytes, and what they mean, indented as they lie in each other.
//
//   0000  00                       TransactionalId = null
//   0001  ff ff                    Acks = -1
//   000a  00 00 00 01              TopicData = 1 element
//                                    [0]
//   000e  00 06 6f 72 64 65 72 73      Name = "orders"
#pragma once

#include <string>
#include <vector>

#include "protocol/study/part.h"

namespace acklab::protocol {

struct DumpStyle {
  enum class Colours { none, ansi } colours = Colours::none;
  enum class Types { hidden, shown } types = Types::hidden;  // how each field is written, and in which versions
};

std::string hex_dump(const std::vector<Part>& parts, const DumpStyle& style = {});

}  // namespace acklab::protocol
