// From a request to the control plane and back. Pure: no sockets, no threads.
//
//   GET    /                       one line that says where to look
//   GET    /metrics                Prometheus text
//   GET    /api/v1/cluster         brokers and partitions
//   GET    /api/v1/faults          what was planned and what has fired
//   POST   /api/v1/faults          plans one fault
//   GET    /api/v1/faults/{id}     one of them
//   DELETE /api/v1/faults/{id}     lifts it
//   GET    /api/v1/openapi.json    this, for machines
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/control/control_plane.h"
#include "broker/control/http.h"

namespace acklab::broker {

class Routes {
 public:
  // How many faults a cluster remembers, those that are over included.
  static constexpr std::size_t max_faults = 10'000;

  explicit Routes(ControlPlane plane) : plane_(std::move(plane)) {}

  HttpResponse operator()(const HttpRequest& request) const;

  struct Name {
    std::string_view method;
    std::string_view path;  // "{id}" stands for one segment
  };
  static std::vector<Name> names();

 private:
  struct Row;

  // `id` is what stands for "{id}".
  HttpResponse index(const HttpRequest& request, const std::string& id) const;
  HttpResponse metrics(const HttpRequest& request, const std::string& id) const;
  HttpResponse cluster(const HttpRequest& request, const std::string& id) const;
  HttpResponse list_faults(const HttpRequest& request, const std::string& id) const;
  HttpResponse plan_fault(const HttpRequest& request, const std::string& id) const;
  HttpResponse show_fault(const HttpRequest& request, const std::string& id) const;
  HttpResponse lift_fault(const HttpRequest& request, const std::string& id) const;
  HttpResponse openapi(const HttpRequest& request, const std::string& id) const;
  std::optional<FaultReport> find_fault(std::string_view id) const;

  static const Row rows[];

  ControlPlane plane_;
};

}  // namespace acklab::broker
