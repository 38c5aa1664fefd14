with feedback as (

    select
        *,
        coalesce(class_type_code, 'unknown') as known_class_type_code
    from {{ ref('int_class_feedback_conformed') }}
    where is_known_session

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

counted as (

    select
        feedback.class_date,
        feedback.gym_id,
        feedback.known_class_type_code as class_type_code,
        feedback.instructor_id,
        count(*) as response_count,
        count(feedback.rating) as rated_count,
        cast(coalesce(sum(feedback.rating), 0) as bigint) as rating_sum,
        count(feedback.would_recommend) as scored_count,
        count(case when feedback.would_recommend >= 9 then 1 end) as promoter_count,
        count(case when feedback.would_recommend <= 6 then 1 end) as detractor_count,
        count(distinct feedback.member_id) as member_count
    from feedback
    inner join as_of
        on feedback.class_date <= as_of.as_of_date
    group by feedback.class_date, feedback.gym_id, feedback.known_class_type_code, feedback.instructor_id

)

select
    {{ surrogate_key(['class_date', 'gym_id', 'class_type_code', 'instructor_id']) }} as class_feedback_score_key,
    gym_id,
    class_type_code,
    instructor_id,
    response_count,
    rating_sum,
    promoter_count,
    detractor_count,
    member_count,
    cast(rating_sum as double) / nullif(rated_count, 0) as avg_rating,
    cast(promoter_count - detractor_count as double) / nullif(scored_count, 0) as recommend_score_rate,
    class_date
from counted
