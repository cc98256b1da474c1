#include "tools/lab/xml.h"

#include <gtest/gtest.h>

namespace acklab::lab {
namespace {

TEST(XmlEscaped, WhatXmlPermitsStaysAndMarkupIsEscaped) {
  EXPECT_EQ(xml_escaped("broker 1: a<b && \"c\">d\n\t'e'"), "broker 1: a&lt;b &amp;&amp; &quot;c&quot;&gt;d\n\t'e'");
  EXPECT_EQ(xml_escaped("\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf"),
            "\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf");
}

TEST(XmlEscaped, WhatNoXmlMayHoldIsReplacedByteForByte) {
  const std::string replaced = "\xef\xbf\xbd";

  EXPECT_EQ(xml_escaped(std::string("a\0b\x1f", 4)), "a" + replaced + "b" + replaced);
  EXPECT_EQ(xml_escaped("\xff"), replaced);
  EXPECT_EQ(xml_escaped("\xe2\x82"), replaced + replaced) << "cut short";
  EXPECT_EQ(xml_escaped("\xc0\xaf"), replaced + replaced) << "longer than need be";
  EXPECT_EQ(xml_escaped("\xed\xa0\x80"), replaced + replaced + replaced) << "half of a surrogate pair";
  EXPECT_EQ(xml_escaped("\xef\xbf\xbf"), replaced + replaced + replaced) << "no character";
  EXPECT_EQ(xml_escaped("\xf4\x90\x80\x80"), replaced + replaced + replaced + replaced) << "beyond Unicode";
  EXPECT_EQ(xml_escaped("\xe2<"), replaced + "&lt;");
}

}  // namespace
}  // namespace acklab::lab
