package command

import (
	"strings"
	"testing"

	"staleproof/proxy/fault"
)

func TestParseFault(t *testing.T) {
	at := func(kind fault.Kind, a fault.Attributes) fault.Fault {
		return fault.Fault{Type: kind, Toxicity: 1, Attributes: a}
	}
	tests := []struct {
		words string
		want  fault.Fault
		wrong string // in the error
	}{
		{"latency=1500", at(fault.Latency, fault.Attributes{Latency: 1500}), ""},
		{"latency=1.5s jitter=200ms", at(fault.Latency, fault.Attributes{Latency: 1500, Jitter: 200}), ""},
		{"timeout", at(fault.Timeout, fault.Attributes{}), ""},
		{"reset_peer=2s", at(fault.ResetPeer, fault.Attributes{Timeout: 2000}), ""},
		{"limit_data=7", at(fault.LimitData, fault.Attributes{Bytes: 7}), ""},
		{"truncate=0", at(fault.Truncate, fault.Attributes{}), ""},
		{"bandwidth=64", at(fault.Bandwidth, fault.Attributes{Rate: 64}), ""},
		{"slow_close delay=1s", at(fault.SlowClose, fault.Attributes{Delay: 1000}), ""},
		{"status=503 body=a=b", at(fault.Status, fault.Attributes{Status: 503, Body: "a=b"}), ""},
		{"timeout origin=web distribution=E1 path=/a* toxicity=0.5 times=2 seed=s name=n", fault.Fault{
			Type: fault.Timeout, Origin: "web", Distribution: "E1", Path: "/a*", Toxicity: 0.5, Times: 2, Seed: "s", Name: "n",
		}, ""},
		{"slow", fault.Fault{}, `"slow" is no type of fault`},
		{"latency=soon", fault.Fault{}, `latency: "soon" is no number`},
		{"status=503 web", fault.Fault{}, `"web" is no NAME=VALUE`},
		{"status=503 colour=red", fault.Fault{}, "a fault has no colour"},
		{"status=503 status=500", fault.Fault{}, "status is said twice"},
		{"status=503 path=", fault.Fault{}, "path is empty"},
		{"latency=", fault.Fault{}, "latency is empty"},
		{"status=503 body=", at(fault.Status, fault.Attributes{Status: 503}), ""},
		{"status=503 times=x", fault.Fault{}, `times: "x" is no number`},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			got, err := parseFault(strings.Fields(tt.words))
			switch {
			case tt.wrong != "":
				if err == nil || !strings.Contains(err.Error(), tt.wrong) {
					t.Errorf("got %v, want %q", err, tt.wrong)
				}
			case err != nil || got != tt.want:
				t.Errorf("got %+v, %v\nwant %+v", got, err, tt.want)
			}
		})
	}
}

// Every type of fault has an attribute of its own, and a line of help.
func TestEveryFaultCanBeTyped(t *testing.T) {
	for _, kind := range []fault.Kind{fault.Latency, fault.Timeout, fault.ResetPeer, fault.LimitData, fault.Truncate, fault.Bandwidth, fault.SlowClose, fault.Status} {
		if own[string(kind)] == "" || !strings.Contains(faultsDescription, "\n   "+string(kind)) {
			t.Errorf("%s cannot be typed, or is not explained", kind)
		}
	}
}
