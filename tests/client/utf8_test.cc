#include "client/cpp/utf8.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace owo {
namespace {

TEST(Utf8Test, TextsAre) {
  for (const char* const text : {"", "user_123", "Zo\u00eb", "\u0080", "\u07ff", "\u0800", "\ud7ff",
                                 "\ue000", "\uffff", "\U00010000", "\U0010ffff"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
    EXPECT_TRUE(IsUtf8(absl::StrCat(text, "a"))) << text;
  }
  EXPECT_TRUE(IsUtf8(absl::string_view("\0", 1)));
}

TEST(Utf8Test, OthersAreNot) {
  for (const char* const bytes : {
           "\x80",              // a continuation byte without a start
           "Zo\xeb",            // Latin-1
           "\xc3",              // truncated
           "\xe2\x82",          //
           "\xf0\x9f\x98",      //
           "\xc3z",             // no continuation byte
           "\xe2\x82z",         //
           "\xf0\x9f\x98z",     //
           "\xc0\xaf",          // an overlong form
           "\xe0\x9f\xbf",      //
           "\xf0\x8f\xbf\xbf",  //
           "\xed\xa0\x80",      // a surrogate
           "\xf4\x90\x80\x80",  // above U+10FFFF
           "\xf5\x80\x80\x80",  //
           "\xff",              //
       }) {
    EXPECT_FALSE(IsUtf8(bytes)) << bytes;
    EXPECT_FALSE(IsUtf8(absl::StrCat("a", bytes))) << bytes;
  }
}

TEST(Utf8Test, WhatIsPrintedIsPlainAndBounded) {
  EXPECT_EQ(Printable("it's \"Zo\xc3\xab\""), "it's \"Zo\\xc3\\xab\"");
  EXPECT_EQ(Printable("\x1b]0;title\a\r\n\\"), "\\x1b]0;title\\x07\\r\\n\\\\");
  EXPECT_LT(Printable(std::string(1 << 20, '\0')).size(), 5000);
}

}  // namespace
}  // namespace owo
