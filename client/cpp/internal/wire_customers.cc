#include "client/cpp/internal/wire.h"

namespace owo {

v1::CreateCustomerRequest ToWire(const CreateCustomerParams& params) {
  v1::CreateCustomerRequest request;
  v1::Customer& customer = *request.mutable_customer();
  customer.set_id(params.id);
  customer.set_email(params.email);
  customer.set_name(params.name);
  *customer.mutable_metadata() = ToWire(params.metadata);
  customer.set_time_zone(params.time_zone);
  if (params.spend_cap) customer.set_spend_cap(*params.spend_cap);
  request.set_request_id(params.request_id);
  return request;
}

v1::GetCustomerRequest ToWire(const GetCustomerParams& params) {
  v1::GetCustomerRequest request;
  request.set_customer(params.customer);
  return request;
}

v1::UpdateCustomerRequest ToWire(const UpdateCustomerParams& params) {
  v1::UpdateCustomerRequest request;
  request.set_customer(params.customer);
  v1::Customer& update = *request.mutable_update();
  google::protobuf::FieldMask& mask = *request.mutable_update_mask();
  if (params.id) {
    update.set_id(*params.id);
    mask.add_paths("id");
  }
  if (params.email) {
    update.set_email(*params.email);
    mask.add_paths("email");
  }
  if (params.name) {
    update.set_name(*params.name);
    mask.add_paths("name");
  }
  if (params.metadata) {
    *update.mutable_metadata() = ToWire(*params.metadata);
    mask.add_paths("metadata");
  }
  if (params.time_zone) {
    update.set_time_zone(*params.time_zone);
    mask.add_paths("time_zone");
  }
  // A field that is in the mask but not in the update is cleared.
  if (params.spend_cap) update.set_spend_cap(*params.spend_cap);
  if (params.spend_cap || params.remove_spend_cap) mask.add_paths("spend_cap");
  request.set_request_id(params.request_id);
  return request;
}

v1::SubscribeRequest ToWire(const SubscribeParams& params) {
  v1::SubscribeRequest request;
  request.set_customer(params.customer);
  request.set_plan(params.plan);
  if (params.start) *request.mutable_start() = ToWire(*params.start);
  *request.mutable_metadata() = ToWire(params.metadata);
  request.set_request_id(params.request_id);
  return request;
}

v1::CancelSubscriptionRequest ToWire(const CancelSubscriptionParams& params) {
  v1::CancelSubscriptionRequest request;
  request.set_customer(params.customer);
  if (params.end) *request.mutable_end() = ToWire(*params.end);
  request.set_at_period_end(params.at_period_end);
  request.set_request_id(params.request_id);
  return request;
}

v1::ResumeSubscriptionRequest ToWire(const ResumeSubscriptionParams& params) {
  v1::ResumeSubscriptionRequest request;
  request.set_customer(params.customer);
  request.set_request_id(params.request_id);
  return request;
}

v1::ListSubscriptionsRequest ToWire(const ListSubscriptionsParams& params) {
  v1::ListSubscriptionsRequest request;
  request.set_customer(params.customer);
  return request;
}

Customer FromWire(const v1::Customer& customer) {
  return {
      .id = customer.id(),
      .email = customer.email(),
      .name = customer.name(),
      .metadata = FromWire(customer.metadata()),
      .time_zone = customer.time_zone(),
      .spend_cap = Optional(customer.has_spend_cap(), customer.spend_cap()),
      .currency = customer.currency(),
      .created_at = FromWire(customer.created_at()),
      .updated_at = FromWire(customer.updated_at()),
  };
}

Subscription FromWire(const v1::Subscription& subscription) {
  return {
      .id = subscription.id(),
      .customer_id = subscription.customer_id(),
      .plan = subscription.plan(),
      .plan_version = subscription.plan_version(),
      .start = FromWire(subscription.start()),
      .end = Optional(subscription.has_end(), subscription.end()),
      .status = static_cast<SubscriptionStatus>(subscription.status()),
      .metadata = FromWire(subscription.metadata()),
      .created_at = FromWire(subscription.created_at()),
  };
}

SubscribeResult FromWire(const v1::SubscribeResponse& response) {
  return {FromWire(response.subscription()), response.resumed()};
}

CancelSubscriptionResult FromWire(const v1::CancelSubscriptionResponse& response) {
  return {FromWire(response.subscription()), FromWire(response.canceled())};
}

}  // namespace owo
