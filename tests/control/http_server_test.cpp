// The server on a real socket, met by clients of all manners. The client is made of system calls, so that it can misbehave.

#include "broker/control/http_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace acklab::broker {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr int patience_seconds = 60;  // longer than any limit that is tested; only a failing test waits for it

class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{patience_seconds, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return connected_; }
  bool send(std::string_view text) {
    return ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
  }
  void end_sending() { ::shutdown(socket_, SHUT_WR); }
  // Until the server has closed, or `enough` is there.
  std::string receive(std::string_view enough = {}) {
    while (enough.empty() || received_.find(enough) == std::string::npos) {
      char bytes[4096];
      const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
      if (count <= 0) {
        ended_ = count == 0 || errno == ECONNRESET;
        break;
      }
      received_.append(bytes, static_cast<std::size_t>(count));
    }
    return received_;
  }
  bool ended() const { return ended_; }

 private:
  int socket_;
  bool connected_ = false;
  bool ended_ = false;
  std::string received_;
};

HttpResponse echo(const HttpRequest& request) {
  return {.body = request.method + " " + request.target + " " + std::to_string(request.body.size()) + "\n"};
}

std::unique_ptr<HttpServer> serve(HttpLimits limits = {}, HttpHandler handler = echo) {
  auto server = HttpServer::start(0, std::move(handler), limits);
  EXPECT_TRUE(server.has_value());
  return *std::move(server);
}

constexpr std::string_view get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr std::string_view last_get = "GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

TEST(HttpServer, AnswersOneRequestAfterTheOtherOnOneConnection) {
  const auto server = serve();
  Client client(server->port());

  client.send(get);
  EXPECT_THAT(client.receive("GET /a 0\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
  client.send("POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_THAT(client.receive("POST /b 3\n"), HasSubstr("Content-Length: 10\r\n"));
  client.send(last_get);
  EXPECT_THAT(client.receive(), EndsWith("GET /last 0\n"));
  EXPECT_TRUE(client.ended());
}

TEST(HttpServer, AnswersPipelinedRequestsInTheirOrder) {
  const auto server = serve();
  Client client(server->port());

  std::string requests;
  for (int i = 0; i < 100; ++i) requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
  client.send(requests + std::string(last_get));

  const std::string answers = client.receive();
  std::size_t from = 0;
  for (int i = 0; i < 100; ++i) {
    const std::size_t at = answers.find("GET /" + std::to_string(i) + " 0\n", from);
    ASSERT_NE(at, std::string::npos) << i;
    from = at;
  }
  EXPECT_THAT(answers, EndsWith("GET /last 0\n"));
}

TEST(HttpServer, AnswersAClientThatHasEndedItsSending) {
  const auto server = serve();
  Client client(server->port());

  client.send(get);
  client.end_sending();

  EXPECT_THAT(client.receive(), EndsWith("GET /a 0\n"));
  EXPECT_TRUE(client.ended());
}

TEST(HttpServer, AnHttp10ClientIsAnsweredAndLeft) {
  const auto server = serve();
  Client client(server->port());

  client.send("GET /old HTTP/1.0\r\n\r\n");

  EXPECT_THAT(client.receive(), EndsWith("GET /old 0\n"));
  EXPECT_TRUE(client.ended());
}

TEST(HttpServer, HeadIsGetWithoutItsBody) {
  const auto server = serve();
  Client client(server->port());

  client.send("HEAD /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");

  const std::string answer = client.receive();
  EXPECT_THAT(answer, HasSubstr("Content-Length: 9\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST(HttpServer, ABodyIsAskedForIfItsClientWaitsToBe) {
  const auto server = serve();
  Client client(server->port());

  client.send("POST /b HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.receive("\r\n\r\n"), StartsWith("HTTP/1.1 100 Continue\r\n"));
  client.send("abc");

  EXPECT_THAT(client.receive(), EndsWith("POST /b 3\n"));
}

TEST(HttpServer, WhatIsNoRequestIsAnsweredWithAProblemAndTheEnd) {
  const HttpLimits limits{.header_bytes = 1024, .body_bytes = 100};
  const auto server = serve(limits);
  struct Case {
    std::string name, bytes, status;
  };
  const std::string head = "POST /b HTTP/1.1\r\nHost: h\r\n";
  const Case cases[] = {
      {"garbage", std::string("\x16\x03\x01\x02 hello\r\n\r\n", 12), "400"},
      {"a Kafka frame", std::string("\0\0\0\x10\0\x12\0\0\0\0\0\1\xff\xff\0\0\0\0\r\n", 20), "400"},
      {"another version", "GET / HTTP/3.7\r\n\r\n", "505"},
      {"a bad length", head + "Content-Length: -1\r\n\r\n", "400"},
      {"an endless header", "GET / HTTP/1.1\r\n" + std::string(5000, 'a'), "431"},
      {"an endless target", "GET /" + std::string(100'000, 'a'), "431"},
      {"many headers",
       [] {
         std::string all = "GET / HTTP/1.1\r\n";
         for (int i = 0; i < 1000; ++i) all += "h" + std::to_string(i) + ": 1\r\n";
         return all + "\r\n";
       }(),
       "431"},
      {"a body that is announced as too large", head + "Content-Length: 101\r\n\r\n", "413"},
      {"a body that is announced as huge", head + "Content-Length: 18446744073709551615\r\n\r\n", "413"},
      {"a body that turns out too large",
       head + "Transfer-Encoding: chunked\r\n\r\nc8\r\n" + std::string(200, 'b') + "\r\n0\r\n\r\n", "413"},
      {"a bad chunk", head + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", "400"},
      {"another expectation", head + "Expect: a-miracle\r\nContent-Length: 3\r\n\r\nabc", "417"},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    Client client(server->port());

    client.send(one.bytes);

    const std::string answer = client.receive();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + one.status + " "));
    EXPECT_THAT(answer, HasSubstr("application/problem+json"));
    EXPECT_THAT(answer, HasSubstr("Connection: close"));
    EXPECT_TRUE(client.ended());
  }
}

TEST(HttpServer, ClientsThatKeepItWaitingAreDropped) {
  const HttpLimits limits{.request_time = std::chrono::milliseconds(100)};
  const auto server = serve(limits);

  Client silent(server->port());
  EXPECT_EQ(silent.receive(), "");
  EXPECT_TRUE(silent.ended());

  // However often it shows a sign of life.
  Client slow(server->port());
  while (slow.send("a")) std::this_thread::yield();
  slow.receive();
  EXPECT_TRUE(slow.ended());

  Client without_body(server->port());
  without_body.send("POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na");
  EXPECT_EQ(without_body.receive(), "");
  EXPECT_TRUE(without_body.ended());

  Client idle(server->port());
  idle.send(get);
  EXPECT_THAT(idle.receive(), EndsWith("GET /a 0\n"));
  EXPECT_TRUE(idle.ended());
}

TEST(HttpServer, AClientThatDoesNotReadItsAnswerIsDropped) {
  const HttpLimits limits{.connections = 1, .answer_time = std::chrono::milliseconds(100)};
  const auto server = serve(limits, [](const HttpRequest&) { return HttpResponse{.body = std::string(16'000'000, 'x')}; });
  Client deaf(server->port());
  deaf.send(get);

  // Its place is free again some time.
  for (bool served = false; !served;) {
    Client next(server->port());
    next.send(last_get);
    served = next.receive("\r\n").starts_with("HTTP/1.1 200");
  }
  EXPECT_LT(deaf.receive().size(), 16'000'000U);
  EXPECT_TRUE(deaf.ended());
}

TEST(HttpServer, ConnectionsBeyondTheLimitAreToldSoAndHarmNobody) {
  const HttpLimits limits{.connections = 4, .refusals = 200};
  const auto server = serve(limits);
  std::vector<std::unique_ptr<Client>> kept;
  for (int i = 0; i < 4; ++i) {
    kept.push_back(std::make_unique<Client>(server->port()));
    kept.back()->send(get);
    EXPECT_THAT(kept.back()->receive("GET /a 0\n"), StartsWith("HTTP/1.1 200"));
  }

  std::vector<std::unique_ptr<Client>> more;
  for (int i = 0; i < 200; ++i) more.push_back(std::make_unique<Client>(server->port()));
  for (const auto& client : more) {
    ASSERT_TRUE(client->connected());
    client->send(get);
    EXPECT_THAT(client->receive(), StartsWith("HTTP/1.1 503"));
    EXPECT_TRUE(client->ended());
  }
  more.clear();

  for (const auto& client : kept) {
    client->send(last_get);
    EXPECT_THAT(client->receive(), EndsWith("GET /last 0\n"));
  }
}

TEST(HttpServer, AHandlerThatThrowsIsAProblemOfItsRequestOnly) {
  const auto server = serve({}, [](const HttpRequest& request) -> HttpResponse {
    if (request.target == "/a") throw std::runtime_error("no luck");
    return echo(request);
  });
  Client client(server->port());

  client.send(get);
  client.send(last_get);

  const std::string answers = client.receive();
  EXPECT_THAT(answers, StartsWith("HTTP/1.1 500"));
  EXPECT_THAT(answers, HasSubstr("no luck"));
  EXPECT_THAT(answers, EndsWith("GET /last 0\n"));
}

TEST(HttpServer, ASlowHandlerHoldsUpNobodyElse) {
  std::mutex mutex;
  std::condition_variable changed;
  bool released = false;
  const auto server = serve({}, [&](const HttpRequest& request) {
    if (request.target == "/slow") {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return released; });
    }
    return echo(request);
  });
  Client slow(server->port());
  slow.send("GET /slow HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");

  Client quick(server->port());
  quick.send(last_get);
  EXPECT_THAT(quick.receive(), EndsWith("GET /last 0\n"));

  {
    const std::lock_guard lock(mutex);
    released = true;
  }
  changed.notify_all();
  EXPECT_THAT(slow.receive(), EndsWith("GET /slow 0\n"));
}

TEST(HttpServer, EndsWithClientsOfEveryKindConnected) {
  std::atomic<int> handled{0};
  auto server = serve({}, [&](const HttpRequest& request) {
    ++handled;
    return echo(request);
  });
  Client silent(server->port());
  Client half(server->port());
  half.send("GET / HT");
  Client idle(server->port());
  idle.send(get);
  idle.receive("GET /a 0\n");
  Client busy(server->port());
  for (int i = 0; i < 20; ++i) busy.send(get);

  server.reset();

  silent.receive();
  EXPECT_TRUE(silent.ended());
  half.receive();
  EXPECT_TRUE(half.ended());
  busy.receive();
  EXPECT_TRUE(busy.ended());
  EXPECT_GE(handled, 1);
}

TEST(HttpServer, APortThatIsTakenIsToldToTheUser) {
  const auto first = serve();

  const auto second = HttpServer::start(first->port(), echo);

  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error(), HasSubstr(std::to_string(first->port())));
}

}  // namespace
}  // namespace acklab::broker
