// Recycler: makes objects of one type in the memory that earlier ones have left, so that one more seldom
// costs an allocation.
//
// Its objects may outlive it. Not thread-safe: they end where they were made.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace meshdns::base {

template <class T>
class Recycler {
  struct Store;

 public:
  class Return {
   public:
    explicit Return(Store* store = nullptr) : store_(store) {}
    void operator()(T* object) const noexcept {
      std::destroy_at(object);
      store_->take_back(object);
    }

   private:
    Store* store_;
  };
  using Pointer = std::unique_ptr<T, Return>;

  // The memory of so many is kept.
  static constexpr std::size_t kMaxSpare = 512;

  Recycler() : store_(new Store) { store_->spare.reserve(kMaxSpare); }
  Recycler(const Recycler&) = delete;
  Recycler& operator=(const Recycler&) = delete;
  ~Recycler() {
    store_->is_orphan = true;
    store_->end_if_done();
  }

  template <class... Args>
  Pointer make(Args&&... args) {
    auto block = store_->take();
    T* const object = ::new (block.get()) T(std::forward<Args>(args)...);
    block.release();
    ++store_->used;
    return Pointer(object, Return(store_));
  }

  std::size_t spare() const { return store_->spare.size(); }

 private:
  struct Block {
    alignas(T) std::byte octets[sizeof(T)];
  };

  struct Store {
    std::vector<std::unique_ptr<Block>> spare;
    std::size_t used = 0;
    bool is_orphan = false;  // its recycler is gone

    std::unique_ptr<Block> take() {
      if (spare.empty()) {
        return std::make_unique_for_overwrite<Block>();
      }
      auto block = std::move(spare.back());
      spare.pop_back();
      return block;
    }
    void take_back(T* object) {
      std::unique_ptr<Block> block(reinterpret_cast<Block*>(object));
      if (spare.size() < kMaxSpare) {
        spare.push_back(std::move(block));
      }
      --used;
      end_if_done();
    }
    void end_if_done() {
      if (is_orphan && used == 0) {
        delete this;
      }
    }
  };

  Store* store_;
};

}  // namespace meshdns::base
