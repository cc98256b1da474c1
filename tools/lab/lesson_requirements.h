// What the lesson says that idempotence requires, each tried: some of it is Kafka's rule, some is one client's.
#pragma once

#include <vector>

#include "protocol/era.h"
#include "tools/lab/lesson.h"

namespace acklab::lab {

// `five_in_flight`: what was seen of retries with idempotence and five requests in flight.
std::vector<Requirement> idempotence_requirements(const Summary& five_in_flight, const protocol::Era& era);

}  // namespace acklab::lab
