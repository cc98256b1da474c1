// A queue in one contiguous run of memory: a queue that is empty most of the time costs no allocation, and one that is always
// short reuses the same bytes. std::deque allocates half a kilobyte before its first element.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace acklab::protocol {

template <class T>
class Fifo {
 public:
  bool empty() const { return head_ == items_.size(); }
  std::size_t size() const { return items_.size() - head_; }

  void push(T item) { items_.push_back(std::move(item)); }
  T& front() { return items_[head_]; }
  const T& front() const { return items_[head_]; }
  T& back() { return items_.back(); }

  T pop() {
    T item = std::move(items_[head_]);
    ++head_;
    if (empty()) {
      clear();
    } else if (head_ >= 64 && head_ * 2 >= items_.size()) {
      items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
    return item;
  }
  // Takes back what was pushed last.
  void pop_back() {
    items_.pop_back();
    if (empty()) clear();
  }
  void clear() {
    items_.clear();
    head_ = 0;
  }

  auto begin() { return items_.begin() + static_cast<std::ptrdiff_t>(head_); }
  auto end() { return items_.end(); }

 private:
  std::vector<T> items_;
  std::size_t head_ = 0;  // items before it were popped
};

}  // namespace acklab::protocol
