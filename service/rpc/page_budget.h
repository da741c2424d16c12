// How much fits on a page: clients take messages of at most 4 MiB by default, so a page of large
// items ends before it has as many as were asked for.
//
//   PageBudget budget;
//   Render(invoice, *to.add_invoices());
//   if (!budget.Spend(to.invoices().rbegin()->ByteSizeLong())) to.mutable_invoices()->RemoveLast()
//   …

#ifndef OWO_SERVICE_RPC_PAGE_BUDGET_H_
#define OWO_SERVICE_RPC_PAGE_BUDGET_H_

#include <cstddef>

namespace owo::rpc {

class PageBudget {
 public:
  static constexpr size_t kBytesMax = 3 << 20;

  // Whether one more item has room. The first always has.
  bool Spend(size_t bytes) {
    const bool first = used_ == 0;
    used_ += bytes;
    return first || used_ <= kBytesMax;
  }

 private:
  size_t used_ = 0;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_PAGE_BUDGET_H_
