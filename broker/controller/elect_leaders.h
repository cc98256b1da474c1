// An ElectLeaders request, from its shape to single elections and back. Pure.
#pragma once

#include <functional>

#include "broker/controller/election.h"
#include "protocol/error_code.h"
#include "protocol/messages/elect_leaders.h"

namespace acklab::broker {

// Holds one election and says what came of it.
using HoldElection = std::function<protocol::ErrorCode(Election, const TopicPartition&)>;

// Asks for each partition of the request, or for all that the image has. Whoever asks for all is not told of those that need none.
protocol::ElectLeadersResponse elect_leaders(const protocol::ElectLeadersRequest& request, const MetadataImage& image,
                                             const HoldElection& hold);

// One code for the request and for everything that it names.
protocol::ElectLeadersResponse refusal_of(const protocol::ElectLeadersRequest& request, protocol::ErrorCode code);

}  // namespace acklab::broker
