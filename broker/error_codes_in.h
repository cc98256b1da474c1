// Every error code that an answer holds, wherever it stands: a walk over its declaration, like encoder and decoder.
#pragma once

#include <string_view>
#include <vector>

#include "protocol/error_code.h"
#include "protocol/wire/member_kinds.h"
#include "protocol/wire/spec.h"

namespace acklab::broker {

template <class Visit>
class ErrorCodesIn {
 public:
  explicit ErrorCodesIn(Visit visit) : visit_(std::move(visit)) {}

  // Called by `describe`, once per field.
  void operator()(const auto& member, std::string_view /*name*/, protocol::Spec /*spec*/) { look(member); }

 private:
  void look(protocol::ErrorCode code) { visit_(code); }
  template <protocol::Described M>
  void look(const M& nested) {
    M::describe(nested, *this);
  }
  template <class T>
  requires protocol::Described<T>
  void look(const std::vector<T>& items) {
    for (const T& item : items) look(item);
  }
  void look(const auto& /*neither a code nor anything that holds one*/) {}

  Visit visit_;
};

template <protocol::Described Response, class Visit>
void for_each_error_code(const Response& response, Visit visit) {
  ErrorCodesIn<Visit> codes(std::move(visit));
  Response::describe(response, codes);
}

}  // namespace acklab::broker
