#include "protocol/runtime/asio_thread.h"

#include <pthread.h>
#include <signal.h>

#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "protocol/check.h"

namespace acklab::protocol {

namespace asio = boost::asio;

namespace {

constexpr std::size_t longest_thread_name = 15;  // what pthread_setname_np() takes

// A signal to the process is for the program's own thread.
void leave_signals_to_others() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, number);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

struct AsioThread::Loop {
  asio::io_context context{1};  // one thread runs it
  asio::executor_work_guard<asio::io_context::executor_type> open_end{context.get_executor()};
};

AsioThread::AsioThread(std::string name) : name_(std::move(name)), loop_(std::make_unique<Loop>()), thread_([this] { run(); }) {}

AsioThread::~AsioThread() { CHECK(!thread_.joinable()); }

void AsioThread::stop() {
  loop_->context.stop();
  thread_.join();
}

asio::io_context& AsioThread::context() { return loop_->context; }

void AsioThread::run() {
  leave_signals_to_others();
  pthread_setname_np(pthread_self(), name_.substr(0, longest_thread_name).c_str());
  loop_->context.run();
}

}  // namespace acklab::protocol
