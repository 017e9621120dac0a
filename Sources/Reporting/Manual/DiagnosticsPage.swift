/// `docs/diagnostics.md` word for word; `UPDATE_GOLDEN=1 swift test --filter ManualPageTests` rewrites it.
enum DiagnosticsPage {
    static let text = #"""
        # Diagnostics

        What meshctl says about a plan file or a cluster carries a code in brackets. An **error** stops the
        command before anything is written; a **warning** or a **note** does not. A mistake in a file is shown
        with its place, the source line and carets:

            plans/home-cluster.yaml:7:11: error: `mtls` cannot be `STRCT` [invalid-value]
                  mtls: STRCT
                        ^^^^^
              Did you mean `STRICT`? Allowed: STRICT, PERMISSIVE, DISABLE.

        `meshctl explain CODE` prints a code's section of this page, offline. All mistakes of a plan file are
        shown in one run, in the order of the file; `meshctl validate` looks at the file alone. The keys of a plan file are described in [plan-file.md](plan-file.md).

        # Reading YAML

        ## yaml-syntax

        The file is not YAML, or not the YAML that meshctl reads: an unclosed bracket, a tab used for
        indentation, a control character, bytes that are not UTF-8, an alias without its anchor, `<<` with
        something other than mappings, a key that is a list or a mapping, or a tag that its value contradicts
        (`!!int abc`). The place is where the reader noticed; when it names an earlier line, look there first.

        ## yaml-too-complex

        The file is larger or deeper than any plan, or its aliases stand for more values than a file should
        (`a: &a [x, x]`, `b: &b [*a, *a]`, and so on: a few lines can stand for billions of values). Reading
        stops at once so that such a file costs neither memory nor time. Write the values out, or split the
        file. The bounds for plan files and kubeconfigs are 8 MiB, 100 levels, 500,000 values, and 50,000
        values that come from aliases. Manifests may have 1 GiB, 50 million values and a million from aliases.

        Other input is bounded as well, and what is beyond is an error or is not read: any file but a manifest at
        16 MiB (a saved plan at 256 MiB), whatever it is, a device or an endless pipe too; JSON at 512 levels; an answer
        of the API server at 64 MiB, an event of a watch at 16 MiB, an answer of Prometheus at 8 MiB, a credential
        plugin's at 1 MiB, a line of a proxy's log at 64 KiB.

        ## duplicate-key

        One mapping has the same key twice. YAML readers differ in which of the two they take, so meshctl takes
        neither. The message points at the second and names the place of the first; keep one of them.

        # The plan file

        ## unknown-key

        The key is not part of the plan file's format at this place. Often it is misspelt (the nearest key is
        suggested), or indented one level too far or not far enough. The allowed keys are listed. An unknown key
        is never ignored: a setting that has no effect would be worse than an error.

        ## missing-key

        An entry lacks a key that it needs, such as the `reason` of an exception, or a namespace entry has
        neither `name` nor `selector`. The message names the key, the detail says what it is for.

        ## wrong-type

        A value has the wrong shape: a list where a mapping belongs, a word where a number belongs, nothing
        where a value belongs, or a text that YAML reads as something else. `name: 404` is a number and
        `name: on` a boolean: put such names in quotes. `adopt: "true"` is a text: remove the quotes.

        ## invalid-value

        The value has the right type and cannot be right: a mode that does not exist or is in the wrong case, a
        port outside 1 to 65535 or given by name, a duration without a unit, a day that is not in the calendar,
        a name or label that Kubernetes would refuse, an empty selector. The detail lists what is allowed.

        ## duplicate-entry

        Two entries are about the same thing: two namespaces of one name, two equal selectors, two exceptions of
        one name in a namespace, two waves, approvals, client rules or external hosts of one name, or two
        documents in one file. The message points at the second and names the place of the first.

        ## conflicting-keys

        Two settings exclude each other. `name` and `selector` of one namespace entry; `revision` without
        `dataplane: sidecar`; `enrolment` without `dataplane: ambient`; `tls` on an external port that already
        speaks TLS; a `minimum` above its `maximum`; two exceptions with equal selectors that give one port two
        modes. Exceptions with equal selectors become one PeerAuthentication, which has one mode for a port.

        ## unknown-wave

        A namespace entry or an approval names a wave that `spec.rollout.waves` does not list. The list gives
        the waves their order, so every wave has to be in it. The nearest declared wave is suggested.

        ## root-namespace-policy

        `mtls` or `exceptions` is set for the root namespace (`istio-system`, unless `spec.mesh.rootNamespace`
        says otherwise). A policy here is mesh-wide; write `spec.mesh.mtls`. Istio applies a PeerAuthentication
        without a selector in the root namespace to every namespace, and ignores the selector of one that has
        one there, so no entry for this namespace alone can exist.

        # The plan against the cluster

        ## unknown-namespace

        An entry names a namespace that the cluster does not have. It may be misspelt, or the command may be
        looking at another cluster than you think: check the context. meshctl does not create namespaces.

        ## terminating-namespace

        The namespace is being deleted, so nothing can be written into it. It is an error when an entry names
        it; when a selector matches it, it is skipped with a note.

        ## overlapping-selectors

        Two entries with `selector` match the same namespace, and it is not clear which of them should hold.
        Write an entry with the namespace's `name`, which wins over all selectors, or make the selectors
        exclude each other.

        ## unknown-revision

        An entry's `revision`, or the one that a rollback would go back to, is neither a revision nor a tag that an
        injection webhook of the cluster serves.
        Pods created under such a label would come up without a sidecar, with no error from anyone. List what is
        there with `istioctl tag list`, or `kubectl get mutatingwebhookconfigurations`.

        ## adoption-needed

        A policy that the plan would change was not made by meshctl. Say so in the plan with `adopt: true` at
        the entry: then the policy is changed in place, under its own name, and a rollback restores it as it was
        and never deletes it. Without that line the plan is blocked.

        ## managed-elsewhere

        A field that the plan would change is kept by Argo CD, Flux, Helm or an operator (the object's
        `managedFields` name it). It would be set back, and the two would go on changing it against each other.
        Make the change where that tool takes it from, or pause it for this object.

        ## other-plan

        The object carries the label `meshctl.dev/plan` of another plan. Two plans must not write one object:
        take it out of one of them. Conflicts between plans are never forced.

        ## policy-name-taken

        The policy of a namespace, and of the mesh, is called `default`. A PeerAuthentication of that name is there
        already and has a selector, so it speaks for some workloads only. Make it again under another name, delete
        the old one, then plan again.

        ## shadowed-policy

        Of two policies of one scope Istio obeys only the oldest, as a whole: two without a selector in one
        namespace, or two workload policies that select the same pod. The younger one has no effect, whatever it
        says. The message names both. Where one is the plan's own exception, write one exception whose selector
        covers both workloads, or selectors that exclude each other; else delete the older policy after checking
        that nobody needs it. A policy that a rollback had to make again is younger than it was, and may lose to
        one that it won over before.

        ## mesh-flip-not-covered

        The mesh-wide STRICT would change workloads that no namespace entry has brought to STRICT, or to a mode
        of their own, first. They would be flipped all at once, at the end, without a wave. The message names
        them, and the remedy is the entries to add to `spec.namespaces`.

        ## enrolment-inherits-strict

        Pods that join the mesh in this namespace would come under a STRICT that is already there, before their
        clients have joined, and refuse what they accept today. Give the namespace an entry with its own `mtls`,
        so that it is PERMISSIVE until its own turn.

        ## flow-would-break

        A flow that is carried today would be refused, garbled, or could no longer be judged, after a step of the
        rollout or while the step is on its way, in every order of the steps that stages and waves allow. For a flow
        that is sure (declared, observed, or inferred from an object that leaves no doubt) this blocks the plan,
        exit 9; for a doubtful one it is a warning. The message names the flow, the step and what happens to it;
        [flows.md](flows.md) has a section for each reason. The remedy is YAML for the plan file: an exception for
        the container port, a rule for the client, or a data plane for the client. Between DISABLE and PERMISSIVE
        meshctl pins clients by itself, and asks for the rule only where a DestinationRule for the host is there
        already, or where the client needs it for good. A flow that does not exist is dismissed with `ignoreFlows`
        or `--ignore-flow`; `--accept-breaking FLOW` goes on in spite of it, and is kept in the run's journal.

        Hazards of where the plan ends, such as [unprotected-workload](#unprotected-workload), are told in the same pass; what
        is about the steps in their order waits until there is one.

        ## wave-needs-others

        The command is limited with `--wave`, and what these waves do alone would break a flow that is carried today.
        With the steps of further waves there is an order that keeps it: usually the flow's client has to be in the mesh
        before its server is STRICT. The message names the flow and the waves that are missing, the detail the step that
        would break it. Add them with `--wave`; `-` stands for the namespaces without a wave. Or bring all waves to the end of
        an earlier stage first, with `--stage enroll` and without `--wave`, and then go on wave by wave. Without the limit
        the flow is kept, so the plan file needs no change.

        ## mesh-steps-left-out

        The command is limited with `--wave`, and the plan also has steps that hold for the whole mesh: the mesh-wide policy,
        rules and hosts in the root namespace, and policies that are deleted because the mesh-wide one takes their place.
        These need all waves. They come once `--wave` is left out, or names every wave that a namespace of the plan has, and
        `-` where there are namespaces without one.

        ## flow-expected-refused

        The plan file declares `expect: refused` for a flow that would still be carried at the end. The server does
        not become STRICT on that port, or nothing enforces there, or the client is let past.

        ## flow-not-carried

        A flow that the plan file declares is not carried today, and is not after the rollout either. meshctl
        guards only what works today: see what refuses it with `meshctl explain --from --to`.

        ## restart-by-person

        A workload has to restart to change its data plane, and meshctl cannot or must not do it: a paused
        Deployment, the update strategy `OnDelete`, a StatefulSet with a partition, a ReplicaSet without a
        Deployment, whatever an Argo Rollout or another controller owns that meshctl does not know, or Jobs, whose
        next run has the new data plane. The detail says what to do; where a command helps, it stands below.
        [restarts.md](restarts.md) has the ruling for each kind.

        ## unmanaged-pod

        The pod has no controller, or one that meshctl does not know: nothing that meshctl could restart would make
        it again, so it is left as it is. Recreate it yourself, or restart it through its controller; until then it
        keeps the data plane that it has. Where that is meant, write `acceptUnmanaged: REASON` into the namespace's
        entry: the pods are then listed in a note, with the reason.

        ## left-over

        Something stays that the plan no longer speaks of, or that a rollback no longer finds: a policy that
        `mtls: UNSET` does not remove because meshctl did not make it, objects of a namespace entry that was
        dropped from the plan, or a namespace that is gone. A rollback also keeps the label of a data plane that
        pods still need. Nothing is done about it; the message says what it is.

        ## unknown-flow-end

        An entry of `flows` names a workload, a Service or a Service port that the cluster does not have, or a name
        that several workloads share; then write the kind as well, as in `deployment/cart`. Ports are the Service's.

        ## unmatched-flow

        An item of `ignoreFlows`, an `--ignore-flow` or an `--accept-breaking` matches no flow, so it dismisses or accepts
        nothing. Often a name is misspelt; the nearest one is suggested. Options name a flow by its whole text,
        `CLIENT->SERVER:PORT`, as messages about flows have it; `--ignore-flow` also takes `SERVER:PORT` alone. Where the flow
        has gone, take the item out: a broad one that matches nothing today may hide a flow that comes tomorrow. What `flows`
        of the same file declares is never dismissed by `ignoreFlows`.

        ## cannot-judge

        Something that the plan depends on could not be read: Istio's resource types are not installed, a list
        is not permitted, or a manifest is not readable. As an error, planning without it would be guessing; as
        a note, the message says what is assumed in its place. `kubectl auth can-i list RESOURCE` shows whether
        permission is what is missing.

        ## inert-client-rule

        A client rule of the plan (`spec.clients`) names a Service that is not there, or a port that the Service
        does not have, so nothing takes it. Its ports are the Service's own, not those of the containers behind it:
        `kubectl -n NAMESPACE get service NAME` lists them.

        ## overlapping-rules

        Several DestinationRules match the host of a client rule, and Istio takes one of them, whole: the one in the
        client's own namespace before the one in the Service's, that before the one in the root namespace, and in
        one namespace the most specific host. Nothing is merged. The message names the rules that win over the plan's,
        or that the plan's takes the place of; say in each what has to hold.

        ## credential-only-at-gateways

        The plan gives a certificate for an external host by `tls.credentialName`. Istio hands the Secret of a
        DestinationRule without a workload selector to gateways only; a sidecar goes on with the certificate files
        that it has. Route the traffic through an egress gateway, or mount the certificate into the client's proxy.

        # Hazards: what policies do and do not

        ## ambient-exclusion

        A pod in ambient carries annotations such as `traffic.sidecar.istio.io/excludeInboundPorts`. They are
        instructions for the redirection rules of a sidecar; ztunnel takes all TCP of its pods, in and out. A port
        that was kept out of the sidecar comes under the mode that holds for the pod, so that moving it to ambient
        under STRICT refuses its plaintext clients. Write an exception for a port that has to stay open, and remove
        the annotations from the pod template once the workload has no sidecar any more.

        ## ambient-fail-open

        An ambient workload accepts plaintext where its policies say STRICT. ztunnel never sees a PeerAuthentication:
        istiod converts them to policies of its own, and in a few combinations lets a workload refer to one that it
        does not send (`pilot/pkg/serviceregistry/ambient/authorization.go`, `convertPeerAuthentication`). ztunnel
        skips it, and every port is open. The combinations are a mesh-wide STRICT with a workload policy that is
        PERMISSIVE or DISABLE and has a STRICT port, while the namespace has no mode of its own; and a mesh-wide
        STRICT under a namespace policy without a mode, with a workload policy that only opens a port. A mesh-wide
        policy with an empty selector counts for sidecars and not for ambient, too. It is an error where the plan
        says STRICT. Give the namespace a policy with an explicit mode, or make the workload's policy STRICT with its
        exceptions as ports.

        ## ambient-port-disable

        An ambient workload refuses plaintext on a port that a policy sets to DISABLE. Where the policy's own mode is
        unset and STRICT is inherited, istiod looks only for PERMISSIVE ports when it converts the policy for ztunnel
        (`pilot/pkg/serviceregistry/ambient/authorization.go`, `convertedSelectorPeerAuthentications`); a sidecar
        would open the port. Write PERMISSIVE for the port, or set `mtls.mode` in that policy. The exceptions that
        meshctl writes always carry a mode.

        ## destination-rule-against-strict

        A DestinationRule with `tls.mode` DISABLE, SIMPLE or MUTUAL leads to a sidecar that is STRICT. The rule
        replaces Istio's automatic mTLS (`pilot/pkg/networking/core/cluster_tls.go`), so that everybody who takes it
        is refused: clients see 503 with `connection termination`, or a reset. It is an error where the plan makes
        the port STRICT, a warning where it is so today. Rules count in the client's namespace, in the Service's, and
        in the root namespace; a wildcard counts, too. Remove `tls` from the rule, or leave the port PERMISSIVE by an
        exception for its container port. Ports in the rule are Service ports.

        ## disable-in-ambient

        A policy says DISABLE for workloads in ambient. ztunnel has no such mode and takes it for PERMISSIVE: it
        accepts plaintext and mTLS, and clients in the mesh go on using mTLS (istio pull request 45593). Nothing
        breaks. Write PERMISSIVE, which says what happens, and means the same after a change of data plane.

        ## exception-without-pods

        An exception's selector matches neither a pod nor a pod template of its namespace. It is usually a misspelt
        label, and then the workload that it was meant for becomes STRICT without its exception. The policy is written
        all the same and holds for pods that come later. `kubectl get pods --show-labels` shows what to select.

        ## expired-exception

        The last day of an exception, its `expires`, has passed. It is a warning, and an error with strict expiry.
        Remove the exception, so that the port becomes as its namespace is, or give it a new date with whoever
        answers for it.

        ## inert-policy

        Istio never looks at this policy, or at a part of it. A PeerAuthentication with a selector in the root
        namespace selects nothing, neither in other namespaces nor in its own (istio issue 61023): make it in the
        namespace of the workloads that it means. Ports in a policy without a selector do nothing: its mode holds for
        all ports (istio refuses such a policy where its validating webhook runs, `ValidatePeerAuthentication`). Write
        a policy with a selector, or an exception of a plan, for those ports.

        ## istio-mutual-without-sidecar

        A DestinationRule with `tls.mode: ISTIO_MUTUAL` leads to pods without a sidecar. Clients then send Istio's mTLS
        to all pods of the Service; where no sidecar ends it, the application gets a TLS handshake, and clients
        see 503 with `WRONG_VERSION_NUMBER`. Ambient pods are reached by HBONE in its place, but not through a headless
        Service (istio issue 54921). It is an error where the plan takes the sidecar away, a warning where none is
        there today. Remove the rule's `tls`: automatic mTLS chooses for each pod.

        ## misspelt-annotation

        A pod carries an annotation that looks like Istio's and is not, such as
        `traffic.istio.io/excludeInboundPorts`: Istio reads `traffic.sidecar.istio.io/excludeInboundPorts`. Nothing
        reports an unknown annotation, so that whoever wrote it believes in it. The message names the key that Istio
        reads. Correct it in the pod template and restart the workload, or remove it; check first what the right key
        would change (a port that leaves the sidecar is no longer protected by STRICT).

        ## namespace-disable-workload-strict

        A workload, or one of its ports, is STRICT while the mode of its namespace, or of the mesh, is DISABLE.
        Sidecars decide between plaintext and mTLS by the mode of the Service's namespace alone
        (`pilot/pkg/model/push_context.go`, `BestEffortInferServiceMTLSMode`): they send plaintext, and the server
        refuses it. It is an error where the plan brings it about, a warning where it is so today. Make the namespace
        PERMISSIVE in place of DISABLE: its clients then use mTLS wherever the server has a sidecar.

        ## residual-policy

        A narrower policy keeps workloads or ports open under the STRICT that the plan asks for: a namespace's
        PERMISSIVE or DISABLE under the mesh's STRICT, or a workload's under its namespace's. The narrower one always
        wins, so that what somebody forgot there outlives the migration. The message names the policies. Delete what
        nobody needs; write what is needed as an exception with its reason, or as the namespace's `mtls`.

        ## service-port-exception

        An exception names the port of a Service where Istio reads the ports of pods: `targetPort`, or a container's
        port. Istio ignores it without a word (istio issue 49098), and the port that was meant becomes STRICT. The
        message names the container port to write. It is an error; where only a pod template is there, whose container
        ports are not read, a warning.

        ## stray-mesh-policy

        A policy is STRICT for one namespace, looks as if it was meant for the whole mesh, and the mesh has none. A
        PeerAuthentication without a selector is mesh-wide only in the root namespace (`istio-system`); a manifest
        without `metadata.namespace` lands in whatever namespace kubectl points at, usually `default`. Say
        `spec.mesh.mtls` in a plan, then delete the stray one. It is a warning where no pod of that namespace has a
        data plane, so that the policy does nothing at all, else a note.

        ## strict-without-data-plane

        The plan asks for STRICT where no pod has a sidecar or is in ambient. Nothing enforces the policy there:
        the pods go on accepting plaintext from everybody, and `istioctl` shows STRICT all the same. For a namespace
        it is an error; give its entry a `dataplane`, or take `mtls: STRICT` out. A namespace without pods is a note,
        since the policy holds for pods that come; a mesh without a single meshed pod is a warning.

        ## unprotected-workload

        A workload of a STRICT namespace accepts plaintext all the same, because no proxy takes its connections: it uses
        the host network, opts out of injection or of ambient, has not been restarted into the mesh, keeps ports out
        of its sidecar (`excludeInboundPorts`, `includeInboundPorts`), or has `interceptionMode: NONE`. Take the cause
        away, as the detail says. What has to stay so goes under the namespace's `unprotected`, with its selector
        and a reason, and is a note from then on; else it is an error. Pods of Jobs that no Service leads to are
        clients, and a note. Gateways, waypoints and the root namespace are not meant.

        # Hazards of changing data planes

        ## jobs-with-sidecars

        Pods of a Job or CronJob would get a sidecar that does not stop when the Job's own container is done. The pod
        never completes, the Job never finishes, and a CronJob with `concurrencyPolicy: Forbid` never runs again.

        A *native* sidecar (an init container with `restartPolicy: Always`) is stopped by kubelet with the last
        container. istiod chooses it for each new pod (`pkg/kube/inject/webhook.go`, `DetectNativeSidecar`): by the
        pod's annotation `sidecar.istio.io/nativeSidecar`, else by its own variable `ENABLE_NATIVE_SIDECARS`, whose
        default since Istio 1.27 is on exactly when every node's kubelet is 1.33 or newer; one older node turns it off.
        It is an error where native sidecars are known to be off, and a warning where istiod's settings or the
        kubelets' versions could not be read.

        Set `sidecar.istio.io/nativeSidecar: "true"` as an annotation of the pod template (kubelets from 1.29 on), or
        the label `sidecar.istio.io/inject: "false"` if the Job may send plaintext to what it calls; that then needs an
        exception under STRICT. Programs that can be changed may also end the sidecar themselves with a POST to
        `localhost:15020/quitquitquit`.

        ## probe-after-injection

        A liveness, readiness or startup probe goes to the application's own port, and under STRICT the sidecar refuses
        kubelet, which has no certificate of the mesh. The pods become unready or are restarted over and over.

        At injection istiod leads such probes to its agent on port 15020 (`pkg/kube/inject/app_probe.go`). It does not
        see containers that another webhook adds afterwards (istio#53786), and leaves probes alone where the annotation
        `sidecar.istio.io/rewriteAppHTTPProbers` is `"false"`. meshctl sees it in the live pod: a probe whose path does
        not begin with `/app-health/`. Probes of the kind `exec` are never concerned.

        Take the annotation away and restart, set `reinvocationPolicy: IfNeeded` in the injector's webhook so that it
        is called again, or except the probed container port, as the remedy shows.

        ## sidecar-without-tunnel

        Sidecars that were injected before istiod was set up for the ambient mesh lack the label
        `networking.istio.io/tunnel: http`, and cannot take HBONE. ztunnel speaks nothing else: its configuration knows
        no Istio mTLS between sidecars (`src/proxy/outbound.rs`), so ambient clients reach these pods in plaintext, and
        under STRICT not at all. It is an error where the plan ends with such a refusal of a flow that must be carried,
        else a warning.

        Restart the workloads and see that their new pods carry the label, before the first client becomes ambient. If
        they do not, istiod lacks `ISTIO_META_ENABLE_HBONE: "true"` under `meshConfig.defaultConfig.proxyMetadata`,
        which the ambient profile sets.

        ## network-policy-15008

        A NetworkPolicy lets clients in to ports of pods that are about to join the ambient mesh, and not to port 15008.
        There every connection from a meshed client arrives on 15008, whatever port the application listens on: clients
        time out, and ztunnel logs `maybe a NetworkPolicy is blocking HBONE port 15008`. kubelet's probes change, too:
        they come from 169.254.7.127 and no longer from the node's address, which most network plugins let in by
        themselves (istio `cni/pkg/iptables/iptables.go`; istio#58531, #49277, #52765).

        Apply the NetworkPolicy that the remedy shows before enrolment. It opens nothing else: what arrives on 15008 is
        mTLS, and AuthorizationPolicies still hold. Network plugins with policies of their own kinds (Cilium, Calico)
        are not read; look at those yourself.

        ## authz-l7-without-waypoint

        An AuthorizationPolicy that selects workloads (or a whole namespace) has rules about HTTP: methods, paths, hosts,
        headers, request principals. In the ambient mesh ztunnel enforces such policies, and it reads no HTTP. Of an ALLOW
        policy istiod leaves out the rules that use them, so that what they allow is refused; of a DENY policy it leaves
        out those fields, so that the rest refuses more than is meant, or, where nothing is left of a rule, nothing
        (`pilot/pkg/serviceregistry/ambient/authorization.go`). The policy's status then says `ztunnel does not support
        HTTP attributes`.

        Deploy a waypoint (`istioctl waypoint apply -n NAMESPACE --enroll-namespace`) and let the policy name the Service
        or the Gateway with `targetRefs` in place of `selector`. Sidecars do not go through a waypoint: move the clients
        first.

        ## authz-identity-lost

        A flow arrives with a mesh identity (Istio mTLS or HBONE) today and in plaintext after the rollout, or the other
        way round, at a server whose AuthorizationPolicies ask for principals, namespaces or service accounts. Plaintext
        has no identity: a rule that allows one does not match it any more, and one that denies an identity does not stop
        it. A client that newly has an identity begins to match such rules.

        Keep both ends of the flow in the mesh, change the policy together with the data plane, or allow the client by
        address (`ipBlocks`). `meshctl explain --from CLIENT --to SERVER:PORT` shows what is sent.

        ## orphaned-proxy

        Sidecars were injected by an istiod revision that no longer runs. They keep the configuration that they had, so a
        new PeerAuthentication never reaches them, and they cannot renew their certificate, which lasts 24 hours: then all
        their mTLS fails at once. The revision is what the sidecar's pod says in `istio.io/rev` or
        `sidecar.istio.io/status`; an istiod lives if its Deployment is available.

        Bring that istiod back, or label the namespace for a revision that is there (`istioctl tag list`) and restart the
        workloads, before anything is tightened. Where no istiod could be found at all, meshctl cannot judge: it may run
        outside the cluster.

        ## gateway-loses-injection

        A gateway gets its proxy by injection with the template `gateway`, because of its namespace's labels, and the plan
        takes these labels away. Running pods stay as they are; the next one is not injected, keeps the placeholder image
        `auto`, and does not start. Traffic from outside then hangs on pods that may go at any time.

        Give the gateway's pod template the label `sidecar.istio.io/inject: "true"`, which injects without a label of the
        namespace (and `istio.io/rev` where only revisions are installed), or keep gateways in a namespace of their own that
        the plan leaves alone.

        ## capture-cuts-connections

        The label of the ambient mesh takes running pods in, and lets them go, without a restart. What is not kept is their
        open TCP connections: they break when the redirection rules appear or go (istio#48876, #59729). Requests in flight
        fail once; clients with long-lived connections (database and message-queue pools, gRPC streams, web sockets) have to
        connect again, and one that never does hangs. The note stands at each such step and says how many pods it concerns.

        Do it in a quiet hour, or choose workloads whose clients reconnect by themselves. Pods that change from a sidecar to
        the ambient mesh are restarted, and drain as in any rollout.

        # Hazards of clients

        ## headless-client

        A sidecar calls a headless Service (`clusterIP: None`). It does not choose pod by pod, as for other Services: if any
        pod behind it has no sidecar, or there is none, it sends plaintext to all, and HBONE never
        (`pilot/pkg/model/push_context.go`, `BestEffortInferServiceMTLSMode`; istio#27376, #23673). So ambient pods behind a
        headless Service get plaintext from sidecars (istio#54921), and a StatefulSet whose pods get their sidecars one by
        one gets plaintext until the last one has it. STRICT refuses both.

        Inject all pods, or move the clients into the ambient mesh, before STRICT, and keep the port PERMISSIVE until then,
        as the remedy shows. `portLevelMtls: DISABLE` does not help here: such clients do not see it (istio#39439).

        ## pod-ip-client

        A sidecar calls a pod by its own address: scrapers, members of a cluster that find each other by address, registries
        such as Eureka. No Service stands for that address, so the sidecar passes the bytes through in plaintext
        (`PassthroughCluster`), and STRICT refuses them (istio#37431). ztunnel knows pods by address and sends HBONE.

        Let the client call a Service, put it into the ambient mesh, or except the port, as the remedy shows. Prometheus can
        scrape merged metrics on port 15020 of a sidecar, which STRICT leaves open.

        ## excluded-port-clients

        Client rules and excluded ports do not fit together, in one of two ways.

        A port is kept from the server's sidecar (`traffic.sidecar.istio.io/excludeInboundPorts`), and clients are not told.
        istiod does not know that annotation, so sidecars send mTLS to the port, and the application gets a TLS handshake:
        `WRONG_VERSION_NUMBER` at the client, 503 with the flag `UF` (istio#30311). Tell the clients with a DestinationRule
        that has `portLevelSettings` with `tls: {mode: DISABLE}` for the *Service* port, or set the *container* port to DISABLE
        in the server's PeerAuthentication, which clients obey unless the Service is headless; or take the port out of the
        annotation.

        Or a DestinationRule says DISABLE for a port before which the sidecar does stand: clients send plaintext although the
        server takes mTLS, and STRICT refuses them. Take DISABLE out of the rule for that port.

        ## webhook-behind-strict

        The API server calls an admission webhook, or an aggregated API, in pods that would refuse it under STRICT. It has no
        certificate of the mesh, and the sidecar ends the TLS that the webhook expects to end itself (istio#34543, #52874). A
        webhook with `failurePolicy: Fail` then stops every write that it is asked about. To ambient pods on the API server's
        own node it still gets through, so that failures look random. Where today's pods all share the API server's node, the
        warning says that it works only while they do: pods move, and an API server may come up on another node. In a cluster
        of one node that is a note.

        Except the webhook's *container* port (often 9443, 8443 or 10250), as the remedy shows, or keep the pods out of the
        mesh with the label `sidecar.istio.io/inject: "false"` or `istio.io/dataplane-mode: none`.

        ## node-port-behind-strict

        Clients outside the cluster come to these pods by a NodePort or a LoadBalancer, without a proxy that speaks for them,
        and STRICT refuses plaintext (istio#51482). That anybody uses the port is concluded from the Service's type.

        Let them in by an Istio gateway, which speaks mTLS to the pods; or except the *container* port (not the NodePort, and
        not the Service's port), as the remedy shows. If nobody calls it, dismiss the flow with its reason under
        `ignoreFlows`.

        ## host-network-client

        A process on a node's host network (node agents, CNI and CSI plugins, scrapers) calls these pods. It is in no mesh and
        sends plaintext. A sidecar under STRICT refuses it. An ambient pod refuses it from other nodes, and lets it past from
        its own (istio `cni/pkg/iptables/iptables.go`, `AppendHostRules`), so that it works on some nodes and not on others.
        Where client and pods share a node today, the warning says that it works only while they do; in a cluster of one node
        that is a note.

        Except the container port, as the remedy shows, or take the client off the host network and into the mesh.

        ## multi-cluster-client

        The mesh has other clusters. Their clients cannot be seen from here, and whether they send mTLS that this cluster trusts
        is not known. STRICT on what they reach may refuse them.

        It is an **error** for a Service that is open to other clusters: an Istio Gateway with `AUTO_PASSTHROUGH` names its
        host (`*.local` names all), or there is an east-west gateway of ambient and the Service has the label
        `istio.io/global: "true"`, or there is an east-west gateway and Gateways may not be listed. It is a **warning** where
        there are other clusters and nothing proves that they reach the namespace: an east-west gateway that exposes nothing of
        it, or only a network label on the root namespace. Secrets of remote clusters are never read, so clusters on one network
        show no sign.

        Declare a flow (`from: {cluster: NAME}`) to each Service that other clusters call, as the remedy shows, and check in that
        cluster that its callers are in the mesh and that both clusters share a root certificate. For a Service that nobody
        there is to call, declare the flow with `expect: refused`. An item of `ignoreFlows` without `from` that matches the
        Service settles it as well, but dismisses all other inferred flows to it, too. The warning goes for namespaces with a
        declared flow.

        """#
}
