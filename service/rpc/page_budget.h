// Limits the bytes of a page. Clients accept messages of at most 4 MiB by default, so a page of
// large items ends before it has the requested number of items.
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

  // Returns whether one more item fits. The first item always fits.
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
