"""A flow in Arabic that asks a question of every kind, with the playbook it needs."""

PLAYBOOK = """
format: 1
name: دفتر عربي
locale: ar
timezone: Asia/Riyadh
properties:
  goal:
    label: الهدف
    type: choice
    choices: {time: توفير الوقت, numbers: أرقام موثوقة, other: شيء آخر}
  needs:
    label: الاحتياجات
    type: choices
    choices: {reports: تقارير, alerts: تنبيهات, export: تصدير إلى Excel}
  challenge: {label: العائق, type: long_text}
  start: {label: البداية, type: date}
  budget: {label: الميزانية, type: money}
  tool: {label: لديكم أداة, type: yes_no}
  tool_name: {label: الأداة, type: text}
  country: {label: البلد, type: country}
  email: {label: البريد, type: email}
  phone: {label: الهاتف, type: phone}
  news: {label: أخبار, type: consent}
icp: [{id: reports, when: {needs: reports}, because: يحتاج إلى تقارير}]
scoring:
  fit:
    rules: [{id: needs, property: needs, points: {reports: 10}, otherwise: 5}]
  intent:
    rules: [{id: goal, property: goal, points: {time: 10}, otherwise: 5}]
tiers: [{id: all, label: الكل}]
routing: [{id: rest, to: sales}]
destinations:
  sales: {kind: sales, respond_within: 1h}
teams: [{id: sales, lead: lead@acme.example, reps: [{email: rep@acme.example}]}]
guidance:
  next_action: [{say: اتصل}]
"""

FLOW = """
format: 1
flow: open-day
title: طلب عرض توضيحي
intent: demo_request
greeting: أنا مساعد آلي. بضعة أسئلة قصيرة، ثم يتصل بك شخص.
questions:
  - {property: goal, ask: ما هدفك الرئيسي؟}
  - {property: needs, ask: ما الذي تحتاجونه؟}
  - {property: challenge, ask: ما الذي يعيقكم اليوم؟, help: جملة أو جملتان تكفيان., required: false}
  - {property: tool, ask: هل لديكم أداة اليوم؟}
  - {property: tool_name, ask: أي أداة تستعملون؟, when: {tool: "yes"}}
  - {property: start, ask: متى تريدون البدء؟}
  - {property: budget, ask: ما الميزانية السنوية؟}
  - {property: country, ask: في أي بلد أنتم؟}
  - {property: email, ask: ما بريدك الإلكتروني؟}
  - {property: phone, ask: ما رقم هاتفك؟, required: false}
  - {property: news, ask: هل نرسل إليك أخبارنا أيضا؟, required: false}
endings:
  sales: شكرا لك. سنتصل بك خلال ساعة.
"""
