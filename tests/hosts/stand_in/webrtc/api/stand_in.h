// What the stand-ins for WebRTC's headers share: views, reference counting, media types.
#ifndef STAND_IN_WEBRTC_H
#define STAND_IN_WEBRTC_H

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace cricket {
enum MediaType { MEDIA_TYPE_AUDIO, MEDIA_TYPE_VIDEO, MEDIA_TYPE_DATA, MEDIA_TYPE_UNSUPPORTED };
} // namespace cricket

namespace rtc {

template <class T> class ArrayView {
  public:
    ArrayView() = default;
    ArrayView(T *data, std::size_t size) : data_(data), size_(size) {}
    template <class Container>
    ArrayView(Container &container) : data_(container.data()), size_(container.size()) {}
    T *data() const { return data_; }
    std::size_t size() const { return size_; }

  private:
    T *data_ = nullptr;
    std::size_t size_ = 0;
};

enum class RefCountReleaseStatus { kDroppedLastRef, kOtherRefsRemained };

class RefCountInterface {
  public:
    virtual void AddRef() const = 0;
    virtual RefCountReleaseStatus Release() const = 0;

  protected:
    virtual ~RefCountInterface() {}
};

template <class T> class RefCountedObject : public T {
  public:
    using T::T;
    void AddRef() const override { count_.fetch_add(1); }
    RefCountReleaseStatus Release() const override {
        if (count_.fetch_sub(1) == 1) {
            delete this;
            return RefCountReleaseStatus::kDroppedLastRef;
        }
        return RefCountReleaseStatus::kOtherRefsRemained;
    }

  protected:
    ~RefCountedObject() override {}

  private:
    mutable std::atomic<int> count_{0};
};

template <class T> class scoped_refptr {
  public:
    scoped_refptr() = default;
    scoped_refptr(T *object) : object_(object) {
        if (object_ != nullptr) {
            object_->AddRef();
        }
    }
    scoped_refptr(const scoped_refptr &other) : scoped_refptr(other.object_) {}
    template <class U>
    scoped_refptr(const scoped_refptr<U> &other) : scoped_refptr(other.get()) {}
    scoped_refptr &operator=(scoped_refptr other) {
        std::swap(object_, other.object_);
        return *this;
    }
    ~scoped_refptr() {
        if (object_ != nullptr) {
            object_->Release();
        }
    }
    T *get() const { return object_; }
    T *operator->() const { return object_; }

  private:
    T *object_ = nullptr;
};

template <class T, class... Args> scoped_refptr<T> make_ref_counted(Args &&...args) {
    return scoped_refptr<T>(new RefCountedObject<T>(std::forward<Args>(args)...));
}

} // namespace rtc

#endif
