#include "broker/call.h"

#include <fmt/format.h>

#include "protocol/messages/registry.h"

namespace acklab::broker {

protocol::NodeId Call::peer() const {
  const Session* session = sessions->find(connection);
  return session ? session->peer() : protocol::NodeId{};
}

Session* Call::to_be_answered() const {
  Session* session = sessions->find(connection);
  if (!session) return nullptr;
  if (fault.kind != RequestFault::Kind::drop_answer && fault.kind != RequestFault::Kind::drop_after_append) return session;
  close("a planned fault drops the answer");
  return nullptr;
}

void Call::answer_nothing() const {
  Session* session = to_be_answered();
  if (!session) return;
  measure();
  session->answer_nothing();
}

void Call::measure() const { sessions->metrics(header.api_key).total_time.observe(sessions->now() - begun); }

void Call::close(const std::string& reason) const {
  Session* session = sessions->find(connection);
  if (!session) return;
  const protocol::Api* api = protocol::find_api(header.api_key);
  const std::string request = api ? std::string(api->name) : fmt::format("request {}", header.api_key);
  session->close(fmt::format("{} v{} from \"{}\": {}", request, header.api_version, header.client_id, reason));
}

}  // namespace acklab::broker
