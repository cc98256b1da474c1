// acklab serve: a cluster on real ports for any Kafka client.

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "broker/cluster.h"
#include "broker/config.h"
#include "broker/control/http_server.h"
#include "broker/control/routes.h"
#include "broker/faults/fault_engine.h"
#include "tools/commands/cluster_control.h"
#include "tools/commands/command.h"
#include "tools/commands/network.h"
#include "tools/lab/admin.h"
#include "tools/lab/capture_file.h"
#include "tools/lab/convergence.h"

namespace acklab {
namespace {

constexpr protocol::Duration start_limit = std::chrono::seconds(30);
constexpr protocol::Duration close_limit = std::chrono::seconds(30);
constexpr int default_http_port = 8080;
constexpr int most_brokers = 64;
constexpr int one_for_each = most_brokers + 2;  // the controller and who carries out faults, too
// Of this world's nodes only; strangers have no number.
constexpr protocol::NodeId director_node = protocol::NodeId::client(0);

struct Serve {
  int brokers = 3;
  int port = 9092;
  std::optional<int> http_port;
  std::vector<std::string> topics;
  std::vector<std::string> set;
  std::string data_dir;
  std::string era;
  std::string pcap;
  std::uint64_t seed = 0;
  std::optional<int> threads;

  // NAME[:PARTITIONS[:REPLICAS]]
  lab::NewTopic parse_topic(const std::string& text) const {
    lab::NewTopic topic;
    topic.partitions = 1;
    topic.replicas = std::min(brokers, 3);
    int parts[2] = {topic.partitions, topic.replicas};
    const std::size_t colon = text.find(':');
    topic.name = text.substr(0, colon);
    std::size_t from = colon;
    for (int& part : parts) {
      if (from == std::string::npos) break;
      const std::size_t next = text.find(':', from + 1);
      try {
        std::size_t used = 0;
        const std::string number = text.substr(from + 1, next == std::string::npos ? next : next - from - 1);
        part = std::stoi(number, &used);
        if (used != number.size() || part < 1) throw std::invalid_argument("");
      } catch (const std::exception&) {
        throw BadInput("--topic " + text + ": write NAME:PARTITIONS:REPLICAS, for example orders:1:3");
      }
      from = next;
    }
    if (topic.name.empty() || from != std::string::npos) {
      throw BadInput("--topic " + text + ": write NAME:PARTITIONS:REPLICAS, for example orders:1:3");
    }
    topic.partitions = parts[0];
    topic.replicas = parts[1];
    return topic;
  }

  void run() {
    std::vector<lab::NewTopic> wanted;
    for (const std::string& text : topics) wanted.push_back(parse_topic(text));

    if (threads && !data_dir.empty()) {
      throw BadInput("--threads: brokers with --data-dir do not share threads, or one's slow disk would stop the others");
    }

    // Threads inherit the mask, so only this one takes the signals.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    broker::ClusterConfig config;
    config.brokers = brokers;
    config.port = static_cast<std::uint16_t>(port);
    config.data_dir = data_dir;
    config.set = parse_settings(set, "--set");
    // The cluster refuses them too, but does not know where they came from.
    for (broker::BrokerConfig trial; const auto& [key, value] : config.set) {
      if (const auto taken = trial.set(key, value); !taken) throw BadInput("--set: " + taken.error());
    }
    config.seed = seed ? seed : system_seed();
    if (!era.empty()) {
      const auto chosen = protocol::era_of(era);
      if (!chosen) throw BadInput("--era: " + chosen.error());
      config.era = *chosen;
    }
    lab::Convergence convergence(brokers);
    lab::CaptureFile captured;
    protocol::AsioWorld world({.seed = config.seed,
                               .unread_entries = 1,  // nobody reads them: whoever wants to know listens
                               .tap = pcap.empty() ? protocol::Tap{} : begin_capture(captured),
                               .threads = threads.value_or(one_for_each)});
    world.subscribe([&](const protocol::Entry& entry, std::string_view topic) { convergence.observe(entry, topic); });
    broker::FaultEngine engine(world, director_node);
    config.request_hook = engine.request_hook();
    // What recovery found, and why connections were ended.
    config.log = [](protocol::NodeId node, const std::string& line) {
      std::fprintf(stderr, "acklab: %s: %s\n", to_string(node).c_str(), line.c_str());
    };
    config.halted = [](protocol::NodeId node, const std::string& why) {
      std::fprintf(stderr, "acklab: %s halts, its log directory is offline: %s\n", to_string(node).c_str(), why.c_str());
    };
    // A slow disk makes its node wait, as a real one does, and all that share its thread.
    config.spend = [](protocol::NodeId, protocol::Duration time) { std::this_thread::sleep_for(time); };
    broker::Cluster cluster(world, config);
    engine.attach(cluster.hands());
    if (const auto started = cluster.start(); !started) throw BadInput(started.error());
    if (!world.run_until([&] { return convergence.all_usable(); }, world.now() + start_limit))
      throw BadInput("the cluster did not start in time");
    create_topics(cluster.bootstrap(), wanted);
    auto http = start_http(broker::Routes(faults_of_one(control_plane(cluster, engine))));

    std::string bootstrap;
    for (const protocol::Address& address : cluster.bootstrap()) bootstrap += (bootstrap.empty() ? "" : ",") + to_string(address);
    std::printf("ready bootstrap=%s http=http://127.0.0.1:%d\n", bootstrap.c_str(), http->port());
    std::fflush(stdout);

    int received = 0;
    sigwait(&signals, &received);
    http.reset();
    engine.disarm();
    if (!data_dir.empty()) close(cluster, world);
    cluster.stop();
    // Whoever was told while it happened is not told again.
    if (!pcap.empty() && !captured.close()) throw Exit{ExitCode::bad_input};
    if (received == SIGINT) throw Exit{ExitCode::interrupted};
  }

  // A cluster goes on without its capture.
  protocol::Tap begin_capture(lab::CaptureFile& file) const {
    if (const auto opened = file.open(pcap); !opened) throw BadInput("--pcap " + opened.error());
    return file.tap([](const std::string& why) { std::fprintf(stderr, "acklab: --pcap %s\n", why.c_str()); });
  }

  // A slow disk makes its thread wait, and with it whoever shares that: all of them would be slow, which nobody asked for.
  broker::ControlPlane faults_of_one(broker::ControlPlane plane) const {
    if (!threads) return plane;
    plane.faults.inject = [inject = std::move(plane.faults.inject)](broker::Fault fault) {
      if (fault.verb != broker::Verb::slow_disk) return inject(std::move(fault));
      return protocol::Result<std::string, std::string>(
          protocol::failure("slow-disk: brokers that share threads would all be slow; serve them without --threads"));
    };
    return plane;
  }

  // The next start then need not recover the logs. Whoever does not get to it in time is killed, and recovers.
  static void close(broker::Cluster& cluster, protocol::World& world) {
    cluster.close();
    const auto closed = [&] {
      const auto brokers = cluster.brokers();
      return std::none_of(brokers.begin(), brokers.end(),
                          [&](protocol::BrokerId broker) { return cluster.alive(protocol::NodeId::broker(broker)); });
    };
    static_cast<void>(world.run_until(closed, world.now() + close_limit));
  }

  // A port that was asked for is taken or refused. The usual one may be another cluster's, and then any will do: the ready line names it.
  std::unique_ptr<broker::HttpServer> start_http(const broker::HttpHandler& handler) const {
    auto server = broker::HttpServer::start(static_cast<std::uint16_t>(http_port.value_or(default_http_port)), handler);
    if (!server && !http_port) {
      std::fprintf(stderr, "acklab: HTTP: %s; taking another\n", server.error().c_str());
      server = broker::HttpServer::start(0, handler);
    }
    if (!server) throw BadInput("--http: " + server.error() + "; choose another, or 0 for any that is free");
    return *std::move(server);
  }

  void create_topics(const std::vector<protocol::Address>& bootstrap, const std::vector<lab::NewTopic>& wanted) const {
    if (wanted.empty()) return;
    for (const lab::NewTopic& topic : wanted) {
      std::atomic<bool> done{false};
      std::string error;
      // Declared behind what it writes to, so that it ends first.
      ClientNode<lab::Admin> admin([&](protocol::Runtime& runtime) { return std::make_unique<lab::Admin>(runtime, bootstrap); });
      admin.ask([&](lab::Admin& client) {
        client.create(topic, [&](protocol::Result<void, std::string> result) {
          if (!result) error = result.error();
          done = true;
        });
      });
      if (!admin.wait([&] { return done.load(); }, start_limit))
        throw BadInput("topic " + topic.name + " could not be created in time");
      // A data directory may have it from an earlier life, with its records.
      const bool there_already =
          !data_dir.empty() && error.find(protocol::name(protocol::ErrorCode::topic_already_exists)) != std::string::npos;
      if (!error.empty() && !there_already) throw BadInput("--topic: " + error);
    }
  }
};

}  // namespace

void add_serve(CLI::App& program) {
  auto serve = std::make_shared<Serve>();
  CLI::App* command = program.add_subcommand("serve", "a cluster on real ports for any Kafka client");
  command->add_option("--brokers", serve->brokers, "how many brokers; ids count from 0")
      ->check(CLI::Range(1, most_brokers))
      ->capture_default_str();
  command->add_option("--port", serve->port, "broker i listens on port + i; 0: any free ports")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  command->add_option("--http", serve->http_port, "where the cluster is watched and broken; 0: any free port")
      ->type_name("PORT")
      ->check(CLI::Range(0, 65535))
      ->default_str(std::to_string(default_http_port));
  command->add_option("--topic", serve->topics, "a topic to begin with")
      ->type_name("NAME:PARTITIONS:REPLICAS")
      ->allow_extra_args(false);
  command->add_option("--data-dir", serve->data_dir, "where the logs are kept; without it in memory")->type_name("DIR");
  command->add_option("--set", serve->set, "a broker setting, by Kafka's key")->type_name("KEY=VALUE")->allow_extra_args(false);
  command->add_option("--era", serve->era, "rules and defaults of a Kafka version");
  command->add_option("--pcap", serve->pcap, "write all traffic as a capture, for `acklab dissect` and Wireshark")
      ->type_name("FILE");
  command
      ->add_option("--threads", serve->threads, "threads that the brokers and the controller share; without it each has its own")
      ->check(CLI::Range(1, one_for_each));
  command->add_option("--seed", serve->seed, "seed of the cluster's random choices; 0: a new one each time");
  command->callback([serve] { serve->run(); });
}

}  // namespace acklab
