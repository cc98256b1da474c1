// Text in XML.
#pragma once

#include <string>
#include <string_view>

namespace acklab::lab {

// `bytes` as XML 1.0 takes them in text and in attributes. What no XML document may hold (bytes that are not UTF-8, most control
// characters) becomes U+FFFD: a report about strange bytes must still be one that a parser reads.
std::string xml_escaped(std::string_view bytes);

}  // namespace acklab::lab
