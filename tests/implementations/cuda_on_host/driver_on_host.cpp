// A CUDA driver (libcuda) on the host: as much of it as numba.cuda calls, held to the prototypes of NVIDIA's own cuda.h.
//
// The device's memory is memory of the host, and begins as rubbish. What is queued on a stream is done as late as can be:
// when the host waits for it, streams taking turns in another order each time. Copies from and to page-locked memory are
// queued, as a driver does; others are staged, or done, before the call returns. Kernels are loaded and counted, not run.
// It is the oldest driver of its CUDA: what came with a later one is not there.
#include <cuda.h>
#include <dlfcn.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

struct CUevent_st {
    unsigned long recorded = 0, reached = 0;
};
struct CUstream_st {
    std::deque<std::function<bool()>> queue;  // each is tried until it says that it is done
};

namespace {

struct Kernel {
    std::string name;
};

std::vector<CUstream> streams;
std::map<CUdeviceptr, size_t> device_memory;
std::map<std::uintptr_t, size_t> page_locked;
std::map<std::string, CUresult> faults;
std::mt19937 chance(7);
unsigned launches = 0, staged_copies = 0;
bool is_current = false;
constexpr int OLDEST = CUDA_VERSION / 1000 * 1000;
CUcontext const THE_CONTEXT = reinterpret_cast<CUcontext>(0x5b);

template <class Pointer>
std::uintptr_t address(Pointer pointer) {
    return reinterpret_cast<std::uintptr_t>(pointer);
}
void* memory(CUdeviceptr place) { return reinterpret_cast<void*>(place); }

template <class Address>
bool lies_in(const std::map<Address, size_t>& ranges, Address begin, size_t size) {
    auto found = ranges.upper_bound(begin);
    return found != ranges.begin() && (--found, begin + size <= found->first + found->second);
}

CUresult fault(const char* name) {
    const auto found = faults.find(name);
    return found == faults.end() ? CUDA_SUCCESS : found->second;
}
#define MAY_FAIL                                             \
    if (const CUresult failed = fault(__func__)) return failed

bool step() {
    std::shuffle(streams.begin(), streams.end(), chance);
    for (CUstream stream : streams)
        if (!stream->queue.empty() && stream->queue.front()()) return stream->queue.pop_front(), true;
    return false;
}

CUresult until(const std::function<bool()>& is_done) {
    while (!is_done())
        if (!step()) return CUDA_ERROR_LAUNCH_TIMEOUT;  // the host would wait for ever
    return CUDA_SUCCESS;
}

CUresult queue(CUstream stream, std::function<void()> work) {
    if (stream == nullptr) return CUDA_ERROR_INVALID_HANDLE;  // nothing of this project belongs on the default stream
    stream->queue.push_back([work] { return work(), true; });
    return CUDA_SUCCESS;
}

}  // namespace

extern "C" {

// For the tests: what call fails with what from now on (0: none); kernels launched; copies from memory not page-locked.
void set_fault(const char* name, int code) {
    if (code) faults[name] = static_cast<CUresult>(code);
    else faults.erase(name);
}
unsigned launched() { return launches; }
unsigned staged() { return staged_copies; }

CUresult cuGetProcAddress_v2(const char* symbol, void** found, int since, cuuint64_t, CUdriverProcAddressQueryResult*) {
    *found = nullptr;
    if (since > OLDEST) return CUDA_ERROR_NOT_FOUND;
    for (const char* version : {"_v3", "_v2", ""})
        if ((*found = dlsym(RTLD_DEFAULT, (std::string(symbol) + version).c_str()))) return CUDA_SUCCESS;
    return CUDA_ERROR_NOT_FOUND;
}
CUresult cuInit(unsigned) { MAY_FAIL; return CUDA_SUCCESS; }
CUresult cuDriverGetVersion(int* version) { return *version = OLDEST, CUDA_SUCCESS; }
CUresult cuGetErrorName(CUresult status, const char** text) {
    *text = status == CUDA_ERROR_UNSUPPORTED_PTX_VERSION ? "CUDA_ERROR_UNSUPPORTED_PTX_VERSION"
            : status == CUDA_ERROR_ILLEGAL_ADDRESS       ? "CUDA_ERROR_ILLEGAL_ADDRESS"
                                                         : "CUDA_ERROR_UNKNOWN";
    return CUDA_SUCCESS;
}
CUresult cuGetErrorString(CUresult, const char** text) { return *text = "a fault", CUDA_SUCCESS; }

CUresult cuDeviceGetCount(int* count) { return *count = 1, CUDA_SUCCESS; }
CUresult cuDeviceGet(CUdevice* device, int ordinal) { return *device = ordinal, CUDA_SUCCESS; }
CUresult cuDeviceGetName(char* text, int room, CUdevice) { return std::strncpy(text, "on host", room), CUDA_SUCCESS; }
CUresult cuDeviceGetUuid_v2(CUuuid* uuid, CUdevice) { return *uuid = {}, CUDA_SUCCESS; }
CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice) {
    *value = attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR ? 9 : 0;
    return CUDA_SUCCESS;
}
CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice) { return *context = THE_CONTEXT, CUDA_SUCCESS; }
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice) { return CUDA_SUCCESS; }
CUresult cuCtxGetCurrent(CUcontext* context) { return *context = is_current ? THE_CONTEXT : nullptr, CUDA_SUCCESS; }
CUresult cuCtxSetCurrent(CUcontext context) { return is_current = context != nullptr, CUDA_SUCCESS; }
CUresult cuCtxPushCurrent_v2(CUcontext context) { return cuCtxSetCurrent(context); }
CUresult cuCtxPopCurrent_v2(CUcontext* context) { return *context = THE_CONTEXT, cuCtxSetCurrent(nullptr); }
CUresult cuCtxGetDevice(CUdevice* device) { return *device = 0, CUDA_SUCCESS; }
CUresult cuCtxSynchronize() {
    MAY_FAIL;
    return until([] {
        for (CUstream stream : streams)
            if (!stream->queue.empty()) return false;
        return true;
    });
}

CUresult cuMemGetInfo_v2(size_t* free, size_t* total) { return *free = *total = size_t{1} << 30, CUDA_SUCCESS; }
CUresult cuMemAlloc_v2(CUdeviceptr* place, size_t size) {
    MAY_FAIL;
    if (size == 0) return CUDA_ERROR_INVALID_VALUE;
    *place = address(std::malloc(size));
    std::memset(memory(*place), 0xa5, size);
    device_memory[*place] = size;
    return CUDA_SUCCESS;
}
CUresult cuMemFree_v2(CUdeviceptr place) {
    if (const CUresult failed = cuCtxSynchronize()) return failed;
    return device_memory.erase(place) ? std::free(memory(place)), CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}
CUresult cuMemHostAlloc(void** place, size_t size, unsigned) {
    MAY_FAIL;
    if (size == 0) return CUDA_ERROR_INVALID_VALUE;
    *place = std::memset(std::malloc(size), 0xa5, size);
    page_locked[address(*place)] = size;
    return CUDA_SUCCESS;
}
CUresult cuMemFreeHost(void* place) {
    if (const CUresult failed = cuCtxSynchronize()) return failed;
    return page_locked.erase(address(place)) ? std::free(place), CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}
CUresult cuMemHostRegister_v2(void* place, size_t size, unsigned) {
    MAY_FAIL;
    if (lies_in(page_locked, address(place), 1)) return CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED;
    return page_locked[address(place)] = size, CUDA_SUCCESS;
}
CUresult cuMemHostUnregister(void* place) {
    MAY_FAIL;
    return page_locked.erase(address(place)) ? CUDA_SUCCESS : CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED;
}

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr target, const void* source, size_t size, CUstream stream) {
    MAY_FAIL;
    if (!lies_in(device_memory, target, size)) return CUDA_ERROR_INVALID_VALUE;
    if (lies_in(page_locked, address(source), size))
        return queue(stream, [=] { std::memcpy(memory(target), source, size); });
    ++staged_copies;
    const std::string copy(static_cast<const char*>(source), size);
    return queue(stream, [=] { std::memcpy(memory(target), copy.data(), size); });
}
CUresult cuMemcpyDtoHAsync_v2(void* target, CUdeviceptr source, size_t size, CUstream stream) {
    MAY_FAIL;
    if (!lies_in(device_memory, source, size)) return CUDA_ERROR_INVALID_VALUE;
    const CUresult queued = queue(stream, [=] { std::memcpy(target, memory(source), size); });
    if (queued || lies_in(page_locked, address(target), size)) return queued;
    return until([=] { return stream->queue.empty(); });
}
CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr target, CUdeviceptr source, size_t size, CUstream stream) {
    MAY_FAIL;
    if (!lies_in(device_memory, target, size) || !lies_in(device_memory, source, size)) return CUDA_ERROR_INVALID_VALUE;
    return queue(stream, [=] { std::memcpy(memory(target), memory(source), size); });
}

CUresult cuStreamCreate(CUstream* stream, unsigned) {
    return streams.push_back(*stream = new CUstream_st), CUDA_SUCCESS;
}
CUresult cuStreamDestroy_v2(CUstream stream) { return until([=] { return stream->queue.empty(); }); }
CUresult cuStreamGetCtx(CUstream, CUcontext* context) { return *context = THE_CONTEXT, CUDA_SUCCESS; }
CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned) {
    MAY_FAIL;
    const unsigned long awaited = event->recorded;
    return stream->queue.push_back([=] { return event->reached >= awaited; }), CUDA_SUCCESS;
}
CUresult cuEventCreate(CUevent* event, unsigned) { return *event = new CUevent_st, CUDA_SUCCESS; }
CUresult cuEventDestroy_v2(CUevent) { return CUDA_SUCCESS; }  // what is queued may hold it still
CUresult cuEventRecord(CUevent event, CUstream stream) {
    MAY_FAIL;
    const unsigned long mark = ++event->recorded;
    return queue(stream, [=] { event->reached = std::max(event->reached, mark); });
}
CUresult cuEventSynchronize(CUevent event) {
    MAY_FAIL;
    return until([=, awaited = event->recorded] { return event->reached >= awaited; });
}
CUresult cuEventElapsedTime_v2(float* milliseconds, CUevent begin, CUevent end) {
    if (!begin->reached || !end->reached) return CUDA_ERROR_NOT_READY;
    return *milliseconds = 0.5f, CUDA_SUCCESS;
}

CUresult cuLibraryLoadData(CUlibrary* library, const void* code, CUjit_option*, void**, unsigned, CUlibraryOption*, void**,
                           unsigned) {
    MAY_FAIL;
    if (std::memcmp(code, "\x7f" "ELF", 4) != 0) return CUDA_ERROR_INVALID_IMAGE;
    return *library = reinterpret_cast<CUlibrary>(const_cast<void*>(code)), CUDA_SUCCESS;
}
CUresult cuLibraryUnload(CUlibrary) { return CUDA_SUCCESS; }
CUresult cuLibraryGetKernel(CUkernel* kernel, CUlibrary, const char* name) {
    return *kernel = reinterpret_cast<CUkernel>(new Kernel{name}), CUDA_SUCCESS;
}
CUresult cuKernelGetAttribute(int* value, CUfunction_attribute, CUkernel, CUdevice) { return *value = 32, CUDA_SUCCESS; }
CUresult cuKernelGetFunction(CUfunction* function, CUkernel kernel) {
    return *function = reinterpret_cast<CUfunction>(kernel), CUDA_SUCCESS;
}
CUresult cuLaunchKernelEx(const CUlaunchConfig* config, CUfunction, void** arguments, void**) {
    MAY_FAIL;
    if (arguments == nullptr || config->gridDimX == 0 || config->blockDimX == 0) return CUDA_ERROR_INVALID_VALUE;
    return queue(config->hStream, [] { ++launches; });
}
}
