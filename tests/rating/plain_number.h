// PlainNumber: an integer of any size, with pencil-and-paper arithmetic on decimal digits. Slow and
// obviously right; the fast arithmetic is compared with it.
//
//   PlainNumber product = PlainNumber("12") * PlainNumber("99999999999999999999");
#ifndef OWO_TESTS_RATING_PLAIN_NUMBER_H_
#define OWO_TESTS_RATING_PLAIN_NUMBER_H_

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace owo::rating {

class PlainNumber {
 public:
  explicit PlainNumber(const std::string& digits) : digits_(digits.rbegin(), digits.rend()) {
    Trim();
  }

  std::string ToString() const { return {digits_.rbegin(), digits_.rend()}; }

  friend PlainNumber operator+(const PlainNumber& a, const PlainNumber& b) {
    std::string sum;
    int carry = 0;
    for (size_t i = 0; i < std::max(a.digits_.size(), b.digits_.size()) || carry > 0; ++i) {
      carry += a.At(i) + b.At(i);
      sum.push_back(static_cast<char>('0' + carry % 10));
      carry /= 10;
    }
    return FromReversed(std::move(sum));
  }

  // REQUIRES: b <= a.
  friend PlainNumber operator-(const PlainNumber& a, const PlainNumber& b) {
    std::string difference;
    int borrow = 0;
    for (size_t i = 0; i < a.digits_.size(); ++i) {
      const int digit = a.At(i) - b.At(i) - borrow;
      borrow = digit < 0 ? 1 : 0;
      difference.push_back(static_cast<char>('0' + digit + 10 * borrow));
    }
    return FromReversed(std::move(difference));
  }

  friend PlainNumber operator*(const PlainNumber& a, const PlainNumber& b) {
    std::vector<int> columns(a.digits_.size() + b.digits_.size() + 1);
    for (size_t i = 0; i < a.digits_.size(); ++i) {
      for (size_t j = 0; j < b.digits_.size(); ++j) columns[i + j] += a.At(i) * b.At(j);
    }
    std::string product;
    int carry = 0;
    for (const int column : columns) {
      carry += column;
      product.push_back(static_cast<char>('0' + carry % 10));
      carry /= 10;
    }
    return FromReversed(std::move(product));
  }

  friend bool operator==(const PlainNumber&, const PlainNumber&) = default;
  friend bool operator<(const PlainNumber& a, const PlainNumber& b) {
    if (a.digits_.size() != b.digits_.size()) return a.digits_.size() < b.digits_.size();
    return a.ToString() < b.ToString();
  }

  // Returns this / divisor, rounded up to an integer.
  PlainNumber DividedRoundingUp(const PlainNumber& divisor) const {
    std::string quotient;
    PlainNumber rest("0");
    for (const char digit : ToString()) {
      rest = PlainNumber(rest.ToString() + digit);
      int times = 0;
      for (; !(rest < divisor); ++times) rest = rest - divisor;
      quotient.push_back(static_cast<char>('0' + times));
    }
    return rest == PlainNumber("0") ? PlainNumber(quotient)
                                    : PlainNumber(quotient) + PlainNumber("1");
  }

  // Returns this / 10^places, rounded half up: drops the last digits, and adds one if the first
  // dropped digit is 5 or more.
  PlainNumber WithoutLastDigits(size_t places) const {
    const PlainNumber kept(digits_.size() > places ? ToString().substr(0, digits_.size() - places)
                                                   : "0");
    return At(places - 1) >= 5 ? kept + PlainNumber("1") : kept;
  }

 private:
  static PlainNumber FromReversed(std::string digits) {
    PlainNumber number("0");
    number.digits_ = std::move(digits);
    number.Trim();
    return number;
  }

  int At(size_t i) const { return i < digits_.size() ? digits_[i] - '0' : 0; }

  void Trim() {
    while (digits_.size() > 1 && digits_.back() == '0') digits_.pop_back();
  }

  std::string digits_;  // last digit first; no leading zeros, except for zero itself
};

}  // namespace owo::rating

#endif  // OWO_TESTS_RATING_PLAIN_NUMBER_H_
