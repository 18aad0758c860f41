package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"

	"staleproof/proxy"
)

// answering makes a handler of a call whose answer is sent as JSON.
func answering(answer func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := answer(r)
		if err != nil {
			refuse(w, err)
			return
		}
		writeJSON(w, http.StatusOK, v)
	}
}

// failure is what a call is refused with.
type failure struct {
	Error string `json:"error"`
	Code  string `json:"code,omitempty"` // AWS's name, where AWS would refuse it, too
}

// refusal is an error with a status other than 400.
type refusal struct {
	status int
	error
}

func (r refusal) Unwrap() error { return r.error }

// refuse answers with the status that AWS has for it, by default 400.
func refuse(w http.ResponseWriter, err error) {
	said := failure{Error: err.Error()}
	status := http.StatusBadRequest
	var api *proxy.APIError
	var own refusal
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &api):
		status, said.Code = api.Status, api.Code
	case errors.As(err, &own):
		status = own.status
	case errors.As(err, &large):
		status = http.StatusRequestEntityTooLarge
	}
	writeJSON(w, status, said)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.Encode(v) // the viewer may have gone; there is nobody to tell
}

// plainly is a mistake in JSON without names of Go's.
func plainly(err error) error {
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("there is no body")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it ends in the middle")
	case errors.As(err, &kind) && kind.Field == "":
		return fmt.Errorf("a JSON %s where an object is wanted", kind.Value)
	case errors.As(err, &kind):
		return fmt.Errorf("%s: a JSON %s where %s is wanted", kind.Field, kind.Value, wanted(kind.Type))
	}
	if text, ok := strings.CutPrefix(err.Error(), "json: "); ok {
		return errors.New(text)
	}
	return err
}

// wanted is a type as JSON has it.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "a list"
	}
	return "an object"
}

// readJSON reads a call's body strictly.
func readJSON(r *http.Request, v any) error {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("read the body as JSON: %w", plainly(err))
	}
	if dec.More() {
		return errors.New("read the body as JSON: there is more than one value")
	}
	return nil
}
