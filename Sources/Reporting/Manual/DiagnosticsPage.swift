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
        values that come from aliases.

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

        ## not-supported-yet

        The plan file uses a key that this version of meshctl reads and checks, and cannot act on. It refuses
        rather than leave the setting out silently. [plan-file.md](plan-file.md) marks these keys. Remove the
        key to go on without it.

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
        the container port, a rule for the client, or a data plane for the client. A flow that does not exist is
        dismissed with `ignoreFlows` or `--ignore-flow`; `--accept-breaking FLOW` goes on in spite of it, and is kept
        in the run's journal.

        ## flow-expected-refused

        The plan file declares `expect: refused` for a flow that would still be carried at the end. The server does
        not become STRICT on that port, or nothing enforces there, or the client is let past.

        ## flow-not-carried

        A flow that the plan file declares is not carried today, and is not after the rollout either. meshctl
        guards only what works today: see what refuses it with `meshctl explain --from --to`.

        ## restart-by-person

        A workload has to restart to change its data plane, and meshctl cannot or must not do it: a paused
        Deployment, the update strategy `OnDelete`, a StatefulSet with a partition, a ReplicaSet without a
        Deployment, or Jobs, whose next run has the new data plane. The detail says what to do; where a command
        helps, it stands below.

        ## unmanaged-pod

        The pod has no controller: nothing would make it again if it were deleted, so meshctl leaves it as it
        is. Recreate it yourself; until then it keeps the data plane that it has.

        ## left-over

        Something stays that the plan no longer speaks of, or that a rollback no longer finds: a policy that
        `mtls: UNSET` does not remove because meshctl did not make it, objects of a namespace entry that was
        dropped from the plan, or a namespace that is gone. A rollback also keeps the label of a data plane that
        pods still need. Nothing is done about it; the message says what it is.

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

        """#
}
