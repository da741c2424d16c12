#include "tests/bench/calls_in_flight.h"

#include <stdexcept>
#include <string>

namespace owo::bench {
namespace {

// Longer than any call takes; a call that hangs ends the run.
constexpr std::chrono::seconds kCallTimeout(60);
constexpr std::chrono::seconds kConnectTimeout(10);

}  // namespace

CallsInFlight::CallsInFlight(const Target& target, int connections) {
  for (int i = 0; i < connections; ++i) {
    const std::shared_ptr<grpc::Channel> channel = target.Connect(i);
    if (!channel->WaitForConnected(std::chrono::system_clock::now() + kConnectTimeout)) {
      throw std::runtime_error("cannot connect to the server");
    }
    stubs_.emplace_back(channel);
  }
}

CallsInFlight::~CallsInFlight() {
  Close();
  while (Next() != nullptr) {
  }
}

void CallsInFlight::Start(Slot& slot) {
  slot.context.emplace();
  slot.context->set_deadline(std::chrono::system_clock::now() + kCallTimeout);
  slot.answer.Clear();
  grpc::GenericStub& stub = stubs_[turn_++ % stubs_.size()];
  slot.reader = stub.PrepareUnaryCall(&*slot.context, slot.call.method, slot.call.request, &queue_);
  slot.reader->StartCall();
  slot.reader->Finish(&slot.answer, &slot.status, &slot);
}

CallsInFlight::Slot* CallsInFlight::Next() {
  void* tag = nullptr;
  bool ok = false;
  return queue_.Next(&tag, &ok) ? static_cast<Slot*>(tag) : nullptr;
}

void CallsInFlight::Close() {
  if (!closed_) queue_.Shutdown();
  closed_ = true;
}

}  // namespace owo::bench
