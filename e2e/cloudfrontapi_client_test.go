package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/smithy-go"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// said is what a client of AWS made of an answer, in the shape of the AWS command
// line; of an error Code and Message.
type said map[string]any

// at is what stands at the end of a path.
func (s said) at(path ...string) any {
	var v any = map[string]any(s)
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func (s said) text(path ...string) string {
	text, _ := s.at(path...).(string)
	return text
}

// awsClient calls an operation, with parameters in the shape of the AWS command
// line. A waiter is called by its name and its parameters.
type awsClient func(operation string, parameters said) (s said, ok bool)

// awsClients are those that people use, unmodified, at an endpoint. Of the first two Debian's are
// taken where they are installed.
var awsClients = map[string]func(endpoint string) awsClient{
	"the AWS command line":       commandLine("/usr/bin/aws", "aws"),
	"boto3":                      boto("/usr/bin/python3", "python3"),
	"aws-sdk-go-v2":              goSDK,
	"@aws-sdk/client-cloudfront": npmSDK,
}

// credentials that nobody looks at; and nothing of the person who runs the tests.
var credentials = []string{
	"AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=x", "AWS_DEFAULT_REGION=us-east-1", "AWS_PAGER=",
	"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true",
}

// present is the path of the first of some programs that is there and, with ready,
// is ready; a spec that needs an absent one is skipped.
func present(install string, ready func(path string) bool, programs ...string) string {
	GinkgoHelper()
	for _, program := range programs {
		if path, err := exec.LookPath(program); err == nil && (ready == nil || ready(path)) {
			return path
		}
	}
	Skip("what is needed is absent; install it with: " + install)
	return ""
}

// occurred is how the command line tells of an error.
var occurred = regexp.MustCompile(`An error occurred \((\w+)\) when calling the \w+ operation[^:]*: (.*)`)

func commandLine(programs ...string) func(string) awsClient {
	return func(endpoint string) awsClient {
		program := present("apt-get install -y awscli", nil, programs...)
		return func(operation string, parameters said) (said, bool) {
			GinkgoHelper()
			return typed(program, endpoint, operation, parameters)
		}
	}
}

// typed runs the command line once.
func typed(program, endpoint, operation string, parameters said) (said, bool) {
	GinkgoHelper()
	args := []string{"--endpoint-url", endpoint, "--output", "json", "cloudfront"}
	if isWaiter(operation) {
		args = append(args, "wait")
	}
	args = append(args, kebab(operation), "--cli-input-json", inJSON(parameters))
	if strings.HasPrefix(operation, "List") {
		args = append(args, "--no-paginate")
	}
	command := exec.Command(program, args...)
	command.Env = append(os.Environ(), credentials...)
	out, err := command.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		found := occurred.FindStringSubmatch(string(failed.Stderr))
		Expect(found).NotTo(BeNil(), "%s", failed.Stderr)
		return said{"Code": found[1], "Message": strings.TrimSpace(found[2])}, false
	}
	Expect(err).NotTo(HaveOccurred())
	return outOfJSON(out), true
}

// kebab is an operation as the command line writes it: ListTagsForResource is
// list-tags-for-resource.
func kebab(operation string) string {
	var b strings.Builder
	for i, r := range operation {
		if r >= 'A' && r <= 'Z' && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}

func isWaiter(operation string) bool {
	return operation == "DistributionDeployed" || operation == "InvalidationCompleted"
}

func boto(programs ...string) func(string) awsClient {
	return func(endpoint string) awsClient {
		GinkgoHelper()
		has := func(python string) bool { return exec.Command(python, "-c", "import boto3").Run() == nil }
		python := present("apt-get install -y python3-boto3", has, programs...)
		return spoken(exec.Command(python, "clients/client.py", endpoint))
	}
}

func npmSDK(endpoint string) awsClient {
	GinkgoHelper()
	node := present("apt-get install -y nodejs", nil, "node")
	return spoken(exec.Command(node, filepath.Join(npmInstalled("clients", "client.mjs"), "client.mjs"), endpoint))
}

// spoken starts a client that reads calls and writes answers, a line each, and ends
// with its input.
func spoken(command *exec.Cmd) awsClient {
	GinkgoHelper()
	command.Env, command.Stderr = append(os.Environ(), credentials...), GinkgoWriter
	in, err := command.StdinPipe()
	Expect(err).NotTo(HaveOccurred())
	pipe, err := command.StdoutPipe()
	Expect(err).NotTo(HaveOccurred())
	Expect(command.Start()).To(Succeed())
	DeferCleanup(func() {
		in.Close()
		Expect(command.Wait()).To(Succeed())
	})
	out := json.NewDecoder(pipe)
	return func(operation string, parameters said) (s said, ok bool) {
		GinkgoHelper()
		Expect(json.NewEncoder(in).Encode([]any{operation, parameters})).To(Succeed())
		answer := []any{&ok, &s}
		Expect(out.Decode(&answer)).To(Succeed(), "%s", operation)
		return s, ok
	}
}

func goSDK(endpoint string) awsClient {
	client := cloudfront.New(cloudfront.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(endpoint), HTTPClient: &http.Client{Transport: network{}.local()},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "x", SecretAccessKey: "x"}, nil
		}),
	})
	return func(operation string, parameters said) (said, bool) {
		GinkgoHelper()
		return reflected(client, operation, parameters)
	}
}

// reflected calls the method of the client that has the operation's name.
func reflected(client *cloudfront.Client, operation string, parameters said) (said, bool) {
	GinkgoHelper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var err error
	switch operation {
	case "DistributionDeployed":
		err = cloudfront.NewDistributionDeployedWaiter(client).Wait(ctx, &cloudfront.GetDistributionInput{Id: aws.String(parameters.text("Id"))}, time.Minute)
		return said{}, err == nil
	case "InvalidationCompleted":
		err = cloudfront.NewInvalidationCompletedWaiter(client).Wait(ctx, &cloudfront.GetInvalidationInput{
			DistributionId: aws.String(parameters.text("DistributionId")), Id: aws.String(parameters.text("Id")),
		}, time.Minute)
		return said{}, err == nil
	}
	method := reflect.ValueOf(client).MethodByName(operation)
	input := reflect.New(method.Type().In(1).Elem())
	Expect(json.Unmarshal([]byte(inJSON(parameters)), input.Interface())).To(Succeed())
	results := method.Call([]reflect.Value{reflect.ValueOf(ctx), input})
	if err, _ := results[1].Interface().(error); err != nil {
		var api smithy.APIError
		Expect(errors.As(err, &api)).To(BeTrue(), "%v", err)
		return said{"Code": api.ErrorCode(), "Message": api.ErrorMessage()}, false
	}
	out, err := json.Marshal(results[0].Interface())
	Expect(err).NotTo(HaveOccurred())
	return outOfJSON(out), true
}

func inJSON(parameters said) string {
	GinkgoHelper()
	b, err := json.Marshal(parameters)
	Expect(err).NotTo(HaveOccurred())
	return string(b)
}

func outOfJSON(b []byte) said {
	GinkgoHelper()
	s := said{}
	if len(strings.TrimSpace(string(b))) > 0 {
		Expect(json.Unmarshal(b, &s)).To(Succeed(), "%s", b)
	}
	return s
}
